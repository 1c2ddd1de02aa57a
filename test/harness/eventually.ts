// Waits for what announces itself to nobody: a file's content, a screen, the end of somebody else's process.
import { setTimeout as pause } from 'node:timers/promises';

/** Against hanging, not a measure: nothing that a test waits for takes as long, however busy the machine. */
const HANG_MS = 60_000;

/** What `look` gives once it is neither false nor undefined; fails with what `otherwise` says if that never comes. */
export async function eventually<Found>(
  look: () => Found | false | undefined,
  otherwise: () => string,
): Promise<Found> {
  const untilMs = performance.now() + HANG_MS;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > untilMs) throw new Error(`not within ${HANG_MS} ms: ${otherwise()}`);
    await pause(20);
  }
}
