// The colours of containers. Each is legible on white and on black: at least 3 : 1 (WCAG) on the default backgrounds of
// xterm, macOS Terminal and VS Code.

/** SGR parameters. Entries of the 256 colours are the same in all terminals; these reach 3.5 : 1. */
export const INDEXED_COLORS = [32, 130, 133, 28, 63, 100, 163, 30, 168, 64, 98, 166].map((index) => `38;5;${index}`);
/** Those of the 16 colours that are legible everywhere. */
export const BASIC_COLORS = ['35', '94', '31', '95', '91'];
/** Once all colours are taken: underlined, bold, both. */
const STYLES = ['', ';4', ';1', ';1;4'];

/** Gives each name the colour that goes with it, or the next one that is free. */
export class Palette {
  readonly #colors: readonly string[];
  readonly #given = new Map<string, string>();

  constructor(colors: readonly string[]) {
    this.#colors = colors;
  }

  /** Names in the order that decides who gives way, for example a pod's containers. Those that have a colour keep it. */
  add(names: readonly string[]): void {
    const taken = new Set(this.#given.values());
    for (const name of names) {
      if (this.#given.has(name)) continue;
      const first = hashOf(name) % this.#colors.length;
      const inTurn = [...this.#colors.slice(first), ...this.#colors.slice(0, first)];
      const styled = STYLES.flatMap((style) => inTurn.map((color) => color + style));
      const color = styled.find((each) => !taken.has(each)) ?? (inTurn[0] as string);
      taken.add(color);
      this.#given.set(name, color);
    }
  }

  /** SGR parameters. */
  colorOf(name: string): string {
    this.add([name]);
    return this.#given.get(name) as string;
  }
}

/** The same in every run and on every machine. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  // FNV-1a alone gives similar names the same remainder; this is MurmurHash3's last step
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
