// Whether the process of a record lives, as far as it can be told from here. What nobody can tell is never called gone.
import type { Place, ProcessIdentity } from './record.ts';

/**
 * `unsure`: a process of that number is here, but the system does not say when it started. `elsewhere`: it was started
 * on another machine or in a container that shares our home directory.
 */
export type Life = 'alive' | 'gone' | 'unsure' | 'elsewhere';

/** What the system says of a number: no process has it, or when the one that has it started; undefined if it does not say. */
export type Found = { readonly kind: 'none' } | { readonly kind: 'found'; readonly started: string | undefined };

/** `earlier`: on this machine, before its last start. `renamed`: this machine, or another one, by another name. */
export type Whereabouts = 'here' | 'elsewhere' | 'earlier' | 'renamed';

/** PROC_PID_INIT_INO of Linux: what runs there is in no container, so its machine's name and ID are its own. */
const OUTSIDE_CONTAINERS = 'pid:[4026531836]';

/** @param here undefined where the system does not say */
export function whereabouts(place: Place, here: Place | undefined): Whereabouts {
  if (here === undefined) return 'elsewhere';
  if (place.boot !== here.boot) return isEarlier(place, here) ? 'earlier' : 'elsewhere';
  if (place.namespace !== here.namespace) return 'elsewhere';
  // Only the number of a start tells machines apart whatever they are called.
  return here.boot === '' && place.host !== here.host ? 'renamed' : 'here';
}

function isEarlier(place: Place, here: Place): boolean {
  const isOutside = [place, here].every(({ namespace }) => namespace === OUTSIDE_CONTAINERS);
  return isOutside && here.machine !== '' && place.machine === here.machine && place.host === here.host;
}

/** @param found among the processes here */
export function lifeAmong(found: Found, { started }: ProcessIdentity, where: 'here' | 'renamed'): Life {
  const otherwise = where === 'here' ? 'gone' : 'elsewhere';
  if (found.kind === 'none') return otherwise;
  if (found.started === undefined || started === '') return where === 'here' ? 'unsure' : 'elsewhere';
  return found.started === started ? 'alive' : otherwise;
}
