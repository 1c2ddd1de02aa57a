// The file of the local ports that apps had. It is a convenience: whatever is wrong with it is no error.
import { decodeKnownPorts, type KnownPort, portsFor, withUsed } from './core/known-ports.ts';
import { changeWhole, ensureStateDirectory, readOurs, statePath } from './state-dir.ts';

const FILE = 'ports.json';

export type AppPlace = Pick<KnownPort, 'context' | 'namespace' | 'app'>;

/** Reads the file once. */
export function recallPorts(place: AppPlace): (container: string, remotePort: number) => readonly number[] {
  const known = readKnown();
  return (container, remotePort) => portsFor(known, { ...place, container, remotePort }, Date.now());
}

/** False: another program is at it, so that it is to be tried again. */
export function rememberPorts(place: AppPlace, ports: readonly Omit<KnownPort, keyof AppPlace | 'usedMs'>[]): boolean {
  try {
    ensureStateDirectory();
    return changeWhole(statePath(FILE), (text) => {
      const known = parse(text);
      const used = ports.map((port) => ({ ...place, ...port }));
      const next = withUsed(known, used, Date.now());
      return next === known ? undefined : `${JSON.stringify(next)}\n`;
    });
  } catch {
    return true;
  }
}

function readKnown(): readonly KnownPort[] {
  try {
    return parse(readOurs(statePath(FILE)));
  } catch {
    // There is no home directory.
    return [];
  }
}

function parse(text = '[]'): readonly KnownPort[] {
  try {
    return decodeKnownPorts(JSON.parse(text), '');
  } catch {
    return [];
  }
}
