// Which of the sessions that run a name means: an ID, or an app, which may have several sessions.
import { UserError } from '../../values/errors.ts';
import { quoted } from '../../values/quote.ts';
import { type AppRecord, namesOf, type SessionRecord } from './record.ts';

/** What `stop` ends: an app's detached sessions; one in the foreground, where somebody works, is meant only by its ID. */
export function sessionsToStop(name: string, running: readonly SessionRecord[]): readonly SessionRecord[] {
  const named = sessionsNamed(name, running);
  return named.filter(({ id, mode }) => mode === 'detached' || id === name);
}

/**
 * The session whose variables are meant.
 * @param name undefined: the one of `project`, the app of draft.toml, else the only one
 * @throws {UserError} which names the sessions there are
 */
export function sessionMeant(
  name: string | undefined,
  project: string | undefined,
  running: readonly SessionRecord[],
): SessionRecord {
  if (name !== undefined) return onlyOne(sessionsNamed(name, running), running, name);
  const own = project === undefined ? [] : running.filter((record) => has(record, project));
  return own.length > 0 ? onlyOne(own, running, project) : onlyOne(running, running, undefined);
}

function sessionsNamed(name: string, running: readonly SessionRecord[]): readonly SessionRecord[] {
  const byId = running.filter(({ id }) => id === name);
  return byId.length > 0 ? byId : running.filter((record) => has(record, name));
}

function has({ apps }: SessionRecord, app: string): boolean {
  return apps.some((one) => one.app === app);
}

function onlyOne(
  found: readonly SessionRecord[],
  running: readonly SessionRecord[],
  name: string | undefined,
): SessionRecord {
  const [one, other] = found;
  const ofWhom = name === undefined ? '' : ` of ${quoted(name)}`;
  if (other !== undefined) {
    throw new UserError(`${found.length} sessions${ofWhom} are running`, { hint: `name one: ${listed(found)}` });
  }
  if (one !== undefined) return one;
  if (running.length > 0) throw new UserError(`no session ${quoted(name ?? '')}`, { hint: runningHint(running) });
  throw new UserError('no session is running', {
    hint: 'kubectl draft-connect TARGET --detach starts one and prints its variables',
  });
}

/** What to say beside a new session if its app, in the same place, has others; undefined if not. */
export function furtherWords(id: string, running: readonly SessionRecord[]): string | undefined {
  const own = running.find((record) => record.id === id)?.apps ?? [];
  const places = new Set(own.map(placeOf));
  const others = running.filter((record) => record.id !== id && record.apps.some((app) => places.has(placeOf(app))));
  return others.length === 0 ? undefined : `${id} is a further session beside ${listed(others)}`;
}

function placeOf({ app, namespace, context }: AppRecord): string {
  return JSON.stringify([app, namespace, context]);
}

export function runningHint(running: readonly SessionRecord[]): string {
  return running.length === 0 ? 'no session is running' : `running: ${listed(running)}`;
}

function listed(sessions: readonly SessionRecord[]): string {
  return sessions
    .map((record) => `${record.id} (${namesOf(record)}${record.mode === 'foreground' ? ', in the foreground' : ''})`)
    .join(', ');
}
