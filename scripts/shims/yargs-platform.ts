// What yargs asks of its platform, without what it would load and measure for it: the program writes its own help, so
// no column layout, no string widths (each copy of string-width makes an Intl.Segmenter, 8-15 ms) and no locale files.
import Parser from 'yargs-parser';

const unused = (what: string) => (): never => {
  throw new Error(`yargs: ${what} is left out of this build`);
};

/** Replaces each `%s` in turn, which is all of util.format that yargs' sentences need. */
function fill(sentence: string, ...values: readonly unknown[]): string {
  let next = 0;
  return sentence.replace(/%[sd]/g, (place) => (next < values.length ? String(values[next++]) : place));
}

/** The program's own sentences, by yargs'. */
const sentences: Record<string, string | { one: string; other: string }> = {};

/** `count` as yargs means it: undefined for a sentence that has no plural. */
function translate(sentence: string, count?: number): string {
  const own = sentences[sentence] ?? sentence;
  return typeof own === 'string' ? own : count === 1 ? own.one : own.other;
}

export default {
  assert: { notStrictEqual: () => undefined, strictEqual: () => undefined },
  // yargs lays out its help after every command that has a name, whether it is shown or not.
  cliui: () => ({ div: () => undefined, span: () => undefined, resetOutput: () => undefined, toString: () => '' }),
  findUp: () => undefined,
  getEnv: (key: string) => process.env[key],
  inspect: String,
  getCallerFile: unused('directory of commands'),
  getProcessArgvBin: () => 'kubectl draft-connect',
  mainFilename: 'kubectl draft-connect',
  Parser,
  path: {
    basename: String,
    dirname: String,
    extname: () => '',
    relative: (_from: string, to: string) => to,
    resolve: (...parts: readonly string[]) => parts.join('/'),
    join: (...parts: readonly string[]) => parts.join('/'),
  },
  process: {
    argv: () => process.argv,
    cwd: () => '/',
    emitWarning: (warning: string | Error) => process.emitWarning(warning),
    execPath: () => process.execPath,
    exit: unused('exit'),
    nextTick: process.nextTick,
    stdColumns: 80,
  },
  readFileSync: unused('configuration files'),
  readdirSync: unused('directory of commands'),
  require: unused('configuration files'),
  stringWidth: (text: string) => text.length,
  y18n: {
    __: (sentence: string, ...values: readonly unknown[]) => fill(translate(sentence), ...values),
    __n: (one: string, _many: string, count: number, ...values: readonly unknown[]) =>
      fill(translate(one, count), ...values),
    getLocale: () => 'en_US',
    setLocale: () => undefined,
    updateLocale: (own: typeof sentences) => Object.assign(sentences, own),
  },
};
