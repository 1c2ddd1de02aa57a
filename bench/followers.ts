// Programs that follow a container's log into a pipe that is read and counted here, the same sink for all of them.
import { setTimeout as delay } from 'node:timers/promises';
import { type App, ours, type Place } from './place.ts';
import { cpuMsOf, descendantsOf, end, type Started, start } from './processes.ts';

export interface Follower {
  readonly child: Started;
  /** Bytes that have come. */
  readonly bytes: number;
  /** Resolves when so many bytes have come in all. */
  reached(bytes: number): Promise<void>;
  /** Resolves when this text has come. */
  sees(text: string): Promise<void>;
  /** What it and the kubectl that reads the log for it have cost so far. */
  cpu(): { readonly own: number; readonly total: number };
  stop(): Promise<void>;
}

export type Follow = 'kubectl' | 'program' | 'program with filters' | 'stern' | 'stern with prefix';

function commandOf(which: Follow, { place, app, pod, stern }: FollowOptions): readonly string[] {
  const [container = ''] = app.containers;
  switch (which) {
    case 'kubectl':
      return [place.kubectl, 'logs', '-f', '--tail=0', `pod/${pod}`, '-c', container];
    case 'program':
      return ours(place, app, '-c', container, '--tail', '0', '--color', 'never');
    case 'program with filters':
      return [...commandOf('program', { place, app, pod, stern }), '--include', '.', '--exclude', 'health|ready'];
    case 'stern':
      return [stern ?? 'stern', '--tail=0', '--color=never', '--output=raw', '-l', app.selector, '-c', container];
    case 'stern with prefix':
      return [stern ?? 'stern', '--tail=0', '--color=never', '-l', app.selector, '-c', container];
  }
}

export interface FollowOptions {
  readonly place: Place;
  readonly app: App;
  readonly pod: string;
  readonly stern?: string | undefined;
}

/** Resolves when a line that was written just now has come through. */
export async function follow(which: Follow, options: FollowOptions): Promise<Follower> {
  const child = start(commandOf(which, options), options.place.env);
  let bytes = 0;
  let awaited = Number.POSITIVE_INFINITY;
  let arrived = () => {};
  let wanted: Buffer | undefined;
  let found = () => {};
  let tail: Buffer = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes >= awaited) arrived();
    if (wanted === undefined) return;
    tail = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    if (tail.includes(wanted)) found();
    else tail = tail.subarray(-wanted.length);
  });
  const follower: Follower = {
    child,
    get bytes() {
      return bytes;
    },
    reached: (total) =>
      new Promise((resolve) => {
        awaited = total;
        arrived = resolve;
        if (bytes >= total) resolve();
      }),
    sees: (text) =>
      new Promise((resolve) => {
        tail = Buffer.alloc(0);
        wanted = Buffer.from(text);
        found = () => {
          wanted = undefined;
          resolve();
        };
      }),
    cpu() {
      const own = cpuMsOf(child.pid);
      const readers = descendantsOf(child.pid).filter(({ command }) => / logs /.test(command));
      return { own, total: readers.reduce((sum, { pid }) => sum + cpuMsOf(pid), own) };
    },
    stop: () => end(child),
  };
  const writer = await options.place.openWriter(options.app);
  const seen = follower.sees('is it there');
  let there = false;
  void seen.then(() => {
    there = true;
  });
  while (!there) {
    writer.write('is it there');
    await Promise.race([seen, delay(50)]);
  }
  writer.close();
  // The last of these lines may still be under way.
  for (let before = -1; before !== follower.bytes; ) {
    before = follower.bytes;
    await delay(150);
  }
  return follower;
}
