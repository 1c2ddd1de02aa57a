// LOCAL:REMOTE port mappings as written with -p and in override-ports; -p may name the app: LOCAL:APP:REMOTE.
import { usageError } from '../../values/errors.ts';
import { isPortName } from '../../values/names.ts';
import { quoted } from '../../values/quote.ts';

/** One mapping; `local` 0 is a random free port, `remote` a number or a port's name. */
export interface Mapping {
  readonly local: number;
  readonly remote: number | string;
  /** Which of several targets is meant, where that is said. */
  readonly app?: string;
  /** As the user wrote it, for messages. */
  readonly text: string;
}

const FORM = "LOCAL:REMOTE, :REMOTE or REMOTE, where REMOTE is a port's number or name";

export function parseMapping(text: string): Mapping {
  const shown = text.trim();
  const parts = shown.split(':');
  const [first = '', second, third] = parts;
  if (parts.length === 3 && second !== undefined && third !== undefined && isAppName(second)) {
    return { local: localOrRandom(first, shown), app: second, remote: remotePort(third, shown), text: shown };
  }
  if (parts.length > 2) throw malformed(shown, addressHint(shown));
  if (second === undefined) {
    const port = remotePort(first, shown);
    // A bare name has no local port that could go with it.
    return { local: typeof port === 'string' ? 0 : port, remote: port, text: shown };
  }
  return { local: localOrRandom(first, shown), remote: remotePort(second, shown), text: shown };
}

/** All mappings of repeated flags or a list, each of which may hold several with commas between. */
export function parseMappings(texts: readonly string[]): readonly Mapping[] {
  const mappings = texts.flatMap((text) => text.split(',')).map(parseMapping);
  const remotes = new Set<string>();
  requireDistinctLocals(mappings);
  for (const { app = '', remote } of mappings) {
    const whose = `${app}:${remote}`;
    if (remotes.has(whose)) throw remoteAlreadyMapped(remote);
    remotes.add(whose);
  }
  return mappings;
}

/** @throws {UserError} */
export function requireDistinctLocals(mappings: readonly Pick<Mapping, 'local'>[]): void {
  const locals = new Set<number>();
  for (const { local } of mappings) {
    if (local !== 0 && locals.has(local)) throw localAlreadyMapped(local);
    locals.add(local);
  }
}

/** Two mappings for one local port. */
export function localAlreadyMapped(local: number): Error {
  return usageError(`local port ${local} already mapped`);
}

/** Two mappings for one port of the pod. */
export function remoteAlreadyMapped(remote: number | string): Error {
  return usageError(`remote port ${remote} already mapped`);
}

/** Whether `-p` can name it: `web`, `deploy/web` or a label `app=web`; digits alone are a port. */
export function isAppName(part: string): boolean {
  return /^[A-Za-z0-9][\w./=-]*$/.test(part) && /\D/.test(part);
}

function localOrRandom(part: string, text: string): number {
  if (part === '') return 0;
  const number = portNumber(part, text);
  if (number === undefined) throw malformed(text);
  return number;
}

function remotePort(part: string, text: string): number | string {
  const number = portNumber(part, text);
  if (number === 0) throw usageError(`remote port 0 in ${quoted(text)}: only a local port can be 0`, expected());
  if (number !== undefined) return number;
  if (!isPortName(part)) throw malformed(text);
  return part;
}

function portNumber(part: string, text: string): number | undefined {
  if (!/^-?\d+$/.test(part)) return undefined;
  const number = Number(part);
  if (number < 0 || number > 65535) throw usageError(`port ${part} in ${quoted(text)} is outside 0-65535`);
  return number + 0;
}

/** docker's form: an address before the ports. */
function addressHint(text: string): string | undefined {
  const [, address, ports] = /^(\[.*\]|\d[\d.]*\.[\d.]*|localhost|\*):([^:]*:[^:]*)$/.exec(text) ?? [];
  return address && `the address is given by itself: --address ${address.replace(/^\[|\]$/g, '')} -p ${ports}`;
}

function malformed(text: string, hint = expected()): Error {
  return usageError(`malformed port mapping ${quoted(text)}: expected ${FORM}`, hint);
}

function expected(): string {
  return 'for example 8080:80, :80, 8080:http or 8080; with several targets 8080:api:80';
}
