// What kubectl says on its outputs, line by line: which forward works, which connection failed and whether anything
// can have reached the application, and which line of its stderr is the message. Wordings differ by version and runtime.
import { oneLine } from '../../values/quote.ts';

export type ForwardLine =
  | { readonly kind: 'listening'; readonly localPort: number; readonly remotePort: number }
  | { readonly kind: 'handling'; readonly localPort: number }
  /** `no`: provably not a byte reached the application; everything else is `unknown`. */
  | {
      readonly kind: 'connection-failed';
      /** The listener that the connection came in by; undefined when kubectl does not name it. */
      readonly localPort: number | undefined;
      readonly reached: 'no' | 'unknown';
      readonly reason: string;
      /** kubectl waited 30 s for a stream to the kubelet: no other connection gets through it either. */
      readonly hung: boolean;
    }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'fatal'; readonly message: string }
  | { readonly kind: 'noise' };

const LISTENING = /^Forwarding from (?:[\d.]+|\[[^\]]*\]):(\d+) -> (\d+)$/;
const HANDLING = /^Handling connection for (\d+)$/;
const KLOG = /^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [^\]]*\] ?(.*)$/s;
/**
 * From 1.31 on klog lines are structured: a quoted message, then key="value" pairs with Go's escapes. The message is
 * `Unhandled Error` up to 1.36; later ones name what failed.
 */
const STRUCTURED = /^"((?:[^"\\]|\\.)*)".*?\berr="((?:[^"\\]|\\.)*)"/s;
const LOST = /^(?:error: )?lost connection to pod/i;
const FORWARDING = /^an error occurred forwarding(?: \d+ -> \d+)?: (.*)$/is;
/** The streams are made before the first byte of a client's data is read. */
const NO_STREAM = /^error creating (?:error|forwarding) stream\b/i;
const STREAM_TIMEOUT = /: (?:timeout occurr?ed|timed out)\b/i;
const ERROR_STREAM = /^error reading from error stream\b/i;
/** 1.37 says it behind the text. */
const BY_LISTENER = /^[^:]*? (\d+) -> \d+:|\blocalPort=(\d+)\b[^"]*$/;
const FATAL =
  /^(?:[Ee]rror: |[Ee]rror from server|Error in configuration: |Unable to (?:connect|listen) |The connection to the server )/;

export function parseForwardLine(line: string): ForwardLine {
  const text = line.trimEnd();
  const listening = LISTENING.exec(text);
  if (listening) return { kind: 'listening', localPort: Number(listening[1]), remotePort: Number(listening[2]) };
  const handling = HANDLING.exec(text);
  if (handling) return { kind: 'handling', localPort: Number(handling[1]) };
  const said = klogText(text);
  if (LOST.test(said ?? text)) return { kind: 'lost', message: 'lost connection to pod' };
  if (said === undefined) return FATAL.test(text) ? { kind: 'fatal', message: withoutError(text) } : { kind: 'noise' };
  const reason = FORWARDING.exec(said)?.[1];
  const failed = (reached: 'no' | 'unknown', why: string): ForwardLine => {
    const named = BY_LISTENER.exec(said) ?? BY_LISTENER.exec(text);
    const localPort = named === null ? undefined : Number(named[1] ?? named[2]);
    const hung = NO_STREAM.test(said) && STREAM_TIMEOUT.test(said);
    return { kind: 'connection-failed', localPort, reached, reason: oneLine(why), hung };
  };
  if (reason !== undefined) return failed(reachedNothing(reason) ? 'no' : 'unknown', reason);
  if (NO_STREAM.test(said)) return failed('no', said);
  if (ERROR_STREAM.test(said)) return failed('unknown', said);
  // what follows a client's or server's own end: `error copying from remote stream to local connection: …`
  return { kind: 'noise' };
}

/** Signs of a connection that existed: one of these outweighs every sign below. */
const MAY_HAVE_REACHED =
  /connection reset|broken pipe|unexpected EOF|\b(?:read|write|readfrom|writeto|splice|copy\w*)\b[^:]*:/i;
/** Each happens before a connection to the application's port exists. */
const NOT_REACHED = [
  // containerd and CRI-O; socat below dockershim: `socat[9] E connect(5, AF=2 127.0.0.1:80, 16): Connection refused`
  /connection refused/i,
  /failed to connect to localhost:\d+ inside namespace/,
  /\bdial(?: tcp[46]?)?[ :]/,
  /failed to dial/,
  /no route to host|network is unreachable/i,
  // the pod's sandbox is gone
  /failed to find sandbox/,
  /network namespace for sandbox .* is closed/,
  /failed to open network namespace|failed to Statfs/i,
  /sandbox (?:container )?.*(?:not running|not found|is not ready)/i,
  /could not find (?:pod )?sandbox/i,
  /container .*not (?:running|found)/i,
  /pod (?:not found|does not exist)/,
  /(?:socat|nsenter)\b.* not found/,
];

function reachedNothing(reason: string): boolean {
  return !MAY_HAVE_REACHED.test(reason) && NOT_REACHED.some((sign) => sign.test(reason));
}

/** The text of a klog line, in all its forms; undefined for any other line. */
function klogText(line: string): string | undefined {
  // a text of several lines stands indented between `err=<` and ` >`
  if (/^(?:\t| >$)/.test(line)) return line.slice(1);
  const body = KLOG.exec(line)?.[1];
  if (body === undefined) return undefined;
  const [, what, why] = STRUCTURED.exec(body) ?? [];
  if (why === undefined) return body;
  return what === 'Unhandled Error' ? unescaped(why) : unescaped(`${what}: ${why}`);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/g, (_, byte, unit, char) =>
    char === undefined ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (ESCAPES[char] ?? char),
  );
}

function withoutError(text: string): string {
  return oneLine(text.replace(/^[Ee]rror: /, ''));
}

/** Information and warnings; `-v` makes a lot of them. */
const KLOG_NOISE = /^[IW]\d{4} /;
const NO_MESSAGE =
  /^(?:Defaulted container |Flag --\S+ has been deprecated|Warning: |See '.*' for usage|Config not found: )/;

/**
 * What a failed kubectl meant to say: its last message, klog lines and advice after it left out. Without one, what the
 * last klog line about an error says; '' when there is nothing of all that.
 */
export function kubectlMessage(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== '');
  const said = lines.filter((line) => klogText(line) === undefined);
  const message =
    said.findLast((line) => FATAL.test(line)) ??
    said.findLast((line) => !NO_MESSAGE.test(line)) ??
    lines
      .filter((line) => !KLOG_NOISE.test(line))
      .map(klogText)
      .findLast((text) => text !== undefined && !/^(?:>|.*err=<)?$/.test(text)) ??
    said.at(-1) ??
    '';
  return withoutError(BY_PLUGIN.test(message) ? withPluginWords(message, said) : message);
}

const BY_PLUGIN = /getting credentials: exec: .*failed with exit code/;
const MAX_PLUGIN_WORDS = 400;

/** A credential plugin says itself what to do about it, on kubectl's stderr, once for each time that kubectl asks it. */
function withPluginWords(message: string, said: readonly string[]): string {
  const words = [...new Set(said.filter((line) => !FATAL.test(line) && !NO_MESSAGE.test(line)))].map(oneLine).join(' ');
  if (words === '') return message;
  return `${message}: ${words.length > MAX_PLUGIN_WORDS ? `…${words.slice(-MAX_PLUGIN_WORDS)}` : words}`;
}

/** What others than kubectl have said on its stderr: a credential plugin, whose question may stand without a line feed. */
export function foreignWords(stderr: string): string {
  const lines = stderr.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.filter((line) => klogText(line) === undefined && !FATAL.test(line) && !NO_MESSAGE.test(line)).join('');
}

/** Whether `-v` asks for what kubectl logs. */
export function isVerbose(args: readonly string[]): boolean {
  return args.some((arg) => /^--v=[1-9]/.test(arg));
}

/** What kubectl has logged among whole lines of its stderr. */
export function logLines(stderr: string): string {
  const lines = stderr.match(/[^\n]*\n/g) ?? [];
  return lines.filter((line) => klogText(line.trimEnd()) !== undefined).join('');
}

/** Whether kubectl itself said why it failed: others, a credential plugin for example, write to its stderr too. */
export function saysWhyItFailed(stderr: string): boolean {
  return stderr.split('\n').some((line) => FATAL.test(line));
}
