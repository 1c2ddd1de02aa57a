// Colours for execa's `verbose` option, which is never on: the package asks node about the terminal as soon as it is
// loaded, and that prints a warning of node's own when both NO_COLOR and FORCE_COLOR are set.
const plain = (text: string): string => text;

export { plain as bold, plain as gray, plain as redBright, plain as yellowBright };
