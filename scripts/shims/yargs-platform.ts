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

export default {
  assert: { notStrictEqual: () => undefined, strictEqual: () => undefined },
  cliui: unused('column layout'),
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
    __: fill,
    __n: (one: string, many: string, count: number, ...values: readonly unknown[]) =>
      fill(count === 1 ? one : many, count, ...values),
    getLocale: () => 'en_US',
    setLocale: () => undefined,
    updateLocale: () => undefined,
  },
};
