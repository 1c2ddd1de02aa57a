// What several apps tell in one stream: each event says whose it is, and what holds for all of them is told once.
import type { SessionEvent, Tell } from '../../output/core/events.ts';

/** The API server is one for all, and so is the limit on connections. */
const FOR_ALL: ReadonlySet<SessionEvent['kind']> = new Set(['api-lost', 'api-restored', 'crowded'] as const);

/** The result makes each app's own `tell`. */
export function tellApps(tell: Tell): (app: string) => Tell {
  /** The apps that the API server does not answer. */
  const without = new Set<string>();
  return (app) => (event) => {
    if (event.kind === 'app-ended') without.delete(app);
    if (!FOR_ALL.has(event.kind)) return tell({ ...event, app });
    const known = without.size;
    if (event.kind === 'api-lost') without.add(app);
    if (event.kind === 'api-restored') without.delete(app);
    const isNews = event.kind === 'crowded' || (known === 0) !== (without.size === 0);
    if (isNews) tell(event);
  };
}
