// A connection to a real cluster for many minutes while its app is restarted, deleted, scaled and killed at random, and
// so is the API server. By hand:
//
//   node --import tsx test/e2e/soak.ts --minutes 30 [--seed N] [--rate N] [--kubectl PATH] [--hold 120] [--only EVENT]
//
// SIGINT ends it early, with its report.
//
// Ends with status 1 if anything was found that the README does not name. $KUBECONFIG and $CLUSTER_COMMAND name the
// cluster; the app has a name of its own, so that soaks and tests do not meet.
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { leftovers } from '../harness/program.ts';
import { kubectlsUnderTest } from '../kubectls.ts';
import { createWorkload, kubectl, NO_CLUSTER, order, pause, restarts, until } from './real-cluster.ts';
import { startWatchedSession } from './watched-session.ts';

const TICK_MS = 100;
/** The last numbered line tells a process's end so closely. */
const END_BLUR_MS = TICK_MS + 50;
/** kubectl notices a killed API server some 0.1 to 0.2 s later; until then it takes connections. */
const KUBECTL_NOTICES_MS = 200;
/** Requests that were sent before kubectl told of the end of what they were sent to. */
const NEWS_MS = 1_000;
/** What a kubectl that hangs keeps from the application is given up 5 s later. What failed later than that waited. */
const GIVEN_UP_MS = 8_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    rate: { type: 'string', default: '20' },
    /** In seconds: longer than a busy cluster takes for a new pod. */
    hold: { type: 'string', default: '120' },
    kubectl: { type: 'string' },
    /** The start of an event's name: no other ones happen. */
    only: { type: 'string', default: '' },
    name: { type: 'string', default: `soak-${process.pid}` },
  },
});
if (NO_CLUSTER !== undefined) throw new Error(NO_CLUSTER);
const under = kubectlsUnderTest().findLast(({ path }) => values.kubectl === undefined || path === values.kubectl) ?? {
  path: values.kubectl ?? '',
  version: values.kubectl ?? '',
  protocol: 'spdy',
};
/** Less a timer's blur. */
const HOLD_MS = Number(values.hold) * 1000 - 100;
let state = Number(values.seed);
/** Mulberry32: the same order of events for the same seed. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

interface End {
  readonly what: string;
  /** On the clock of performance.now(): what ended did so between these. */
  readonly fromMs: number;
  readonly toMs: number;
}

const ends: End[] = [];
/** Last numbers that plain kubectl read of an instance that ended; `instance` counts from 0, -1 is the pod's last. */
const lastTicks: { pod: string; instance: number; tick: number; what: string }[] = [];
const unread: string[] = [];
const happened = new Map<string, number>();
const started = performance.now();
const say = (text: string) =>
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${text}`);

const app = await createWorkload(values.name, { env: { LOG_EVERY_MS: `${TICK_MS}` } });
const session = await startWatchedSession(under, app.target, ['--hold', `${values.hold}s`]);
const { journal, program } = session;

function usage(): { rssMiB: number; descriptors: number } {
  const status = readFileSync(`/proc/${program.pid}/status`, 'utf8');
  const descriptors = readdirSync(`/proc/${program.pid}/fd`).length;
  return { rssMiB: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024), descriptors };
}

async function currentPod(): Promise<string> {
  await app.settled();
  const [pod] = await app.podNames();
  if (pod === undefined) throw new Error('no pod');
  return pod;
}

/** What the pod logs last while it is made to go, as plain kubectl reads it. */
async function going(what: string, act: (pod: string) => Promise<void>): Promise<void> {
  const pod = await currentPod();
  const reading = kubectl(['logs', pod, '-c', 'go', '--follow', '--tail=20']).catch(() => '');
  await pause(500);
  const fromMs = performance.now();
  await act(pod);
  const last = await Promise.race([reading, pause(30_000).then(() => '')]);
  const tick = Number([...last.matchAll(/^tick (\d+)$/gm)].at(-1)?.[1]);
  ends.push({ what, fromMs, toMs: performance.now() });
  if (Number.isNaN(tick)) unread.push(`${what} ${pod}: plain kubectl read nothing`);
  else lastTicks.push({ pod, instance: -1, tick, what });
  await app.settled();
}

async function crash(pod: string): Promise<void> {
  const count = await restarts(pod, 'go');
  const fromMs = performance.now();
  await order('crash', pod, 'go');
  await until('restart', async () => (await restarts(pod, 'go')) > count, 400_000);
  ends.push({ what: 'crash', fromMs, toMs: performance.now() });
  const previous = await kubectl(['logs', pod, '-c', 'go', '--previous', '--tail=20']).catch(() => '');
  const tick = Number([...previous.matchAll(/^tick (\d+)$/gm)].at(-1)?.[1]);
  if (!Number.isNaN(tick)) lastTicks.push({ pod, instance: count, tick, what: 'crash' });
}

const EVENTS: readonly (readonly [name: string, weight: number, happen: () => Promise<void>])[] = [
  ['rollout', 3, () => going('rollout', () => app.rollout())],
  ['delete', 3, () => going('delete', (pod) => app.deletePod(pod, { wait: false }))],
  [
    'scale to 0 and back',
    2,
    () =>
      going('scale', async () => {
        await app.scale(0);
        // A controller that has just lost the API server may see both orders at once, and do nothing.
        await until('scaled to 0', async () => (await app.podNames()).length === 0, 60_000).catch(() => {});
        await pause(random() * 5_000);
        await app.scale(1);
      }),
  ],
  [
    'crash',
    3,
    async () => {
      const pod = await currentPod();
      // Each further restart of a pod waits twice as long for its turn: three are enough.
      if ((await restarts(pod, 'go')) >= 3) await going('delete', (each) => app.deletePod(each, { wait: false }));
      else await crash(pod);
    },
  ],
  [
    'kill the API server',
    2,
    async () => {
      const fromMs = performance.now();
      await order('stop', 'apiserver');
      ends.push({ what: 'API server killed', fromMs, toMs: performance.now() });
      await pause(500 + random() * 6_000);
      await order('start', 'apiserver');
    },
  ],
  [
    'delete while the API server is away soon after',
    1,
    async () => {
      const pod = await currentPod();
      const fromMs = performance.now();
      await app.deletePod(pod, { wait: false });
      await order('stop', 'apiserver');
      ends.push({ what: 'delete and API server killed', fromMs, toMs: performance.now() + 2_000 });
      await pause(500 + random() * 4_000);
      await order('start', 'apiserver');
      unread.push(`delete with API server killed ${pod}`);
    },
  ],
];

const drawn = EVENTS.filter(([name]) => name.startsWith(values.only));
if (drawn.length === 0) {
  await program.end();
  await app.remove();
  throw new Error(`no event starts with ${values.only}`);
}
function draw(): (typeof EVENTS)[number] {
  let left = random() * drawn.reduce((sum, [, weight]) => sum + weight, 0);
  for (const event of drawn) {
    left -= event[1];
    if (left < 0) return event;
  }
  throw new Error('no event');
}

let answered = 0;
let slowestMs = 0;
const failures: { mark: string; failure: string; startMs: number; endMs: number }[] = [];
/** Answered and not seen in the log yet. */
const awaited = new Map<string, number>();
const client = session.startClient(
  Number(values.rate),
  Number(values.hold) * 1000 + 60_000,
  ({ mark, failure, startMs, endMs }) => {
    slowestMs = Math.max(slowestMs, endMs - startMs);
    if (failure !== undefined) {
      failures.push({ mark, failure, startMs, endMs });
    } else {
      answered += 1;
      awaited.set(mark, endMs);
    }
  },
);
let toldFailures = 0;
const checker = setInterval(() => {
  const fresh = failures.slice(toldFailures);
  toldFailures = failures.length;
  const atS = (ms: number) => ((ms - started) / 1000).toFixed(2);
  const shown = fresh.map(({ startMs, endMs, failure }) => `${atS(startMs)} to ${atS(endMs)} ${failure}`);
  if (shown.length > 0) say(`${shown.length} failed: ${shown.slice(0, 4).join(', ')}${shown.length > 4 ? ' …' : ''}`);
  for (const mark of awaited.keys()) if (journal.timesLogged(mark) > 0) awaited.delete(mark);
}, 1_000);

say(
  `seed ${values.seed}, kubectl ${under.version}, Kubernetes ${process.env['CLUSTER_KUBERNETES']}, program ${program.pid}`,
);
await pause(5_000);
const before = usage();
const deadlineMs = started + Number(values.minutes) * 60_000;
let troubles = 0;
let ending = false;
process.once('SIGINT', () => {
  ending = true;
});
while (performance.now() < deadlineMs && !ending) {
  const [name, , happen] = draw();
  say(
    `${name}; ${answered} answered, ${failures.length} failed, ${journal.faults.length} log faults, ${awaited.size} not logged yet, ${usage().rssMiB} MiB`,
  );
  happened.set(name, (happened.get(name) ?? 0) + 1);
  try {
    await happen();
  } catch (error) {
    troubles += 1;
    say(`the script could not: ${error instanceof Error ? error.message.slice(0, 300) : error}`);
    await order('start', 'apiserver').catch(() => {});
    await app.scale(1).catch(() => {});
  }
  await pause(1_000 + random() * 8_000);
}
await app.settled();
await pause(10_000);
const run = await client.finish();
await pause(5_000);
clearInterval(checker);
const after = usage();
const [lastPod] = await app.podNames();
const { code } = await program.end();
const left = leftovers(program.pid);
await app.remove();

for (const mark of awaited.keys()) if (journal.timesLogged(mark) > 0) awaited.delete(mark);
/** When each instance's last numbered line was written: its process ended soon after. */
const processEnds = journal.pods.flatMap((pod) =>
  (pod === lastPod ? journal.lastTicks(pod).slice(0, -1) : journal.lastTicks(pod)).map(
    ({ timestamp }) => Date.parse(timestamp) - performance.timeOrigin,
  ),
);
const classify = ({ startMs, endMs }: { startMs: number; endMs: number }): string => {
  const failedBy = (fromMs: number, toMs: number) => endMs >= fromMs && endMs <= toMs + GIVEN_UP_MS;
  if (processEnds.some((atMs) => startMs <= atMs + END_BLUR_MS && failedBy(atMs, atMs)))
    return 'under way when a process ended';
  const cut = ends.some(
    ({ what, fromMs, toMs }) =>
      what.includes('API server') && startMs <= toMs + KUBECTL_NOTICES_MS && failedBy(fromMs, toMs),
  );
  if (cut) return 'under way when the API server was killed';
  if (endMs - startMs >= HOLD_MS) return 'held for all of --hold';
  const news = processEnds.some(
    (atMs) => startMs >= atMs && startMs <= atMs + NEWS_MS && failedBy(atMs, atMs + NEWS_MS),
  );
  return news ? 'sent to what had just ended, and cut off with others' : 'unexplained';
};
const byReason = new Map<string, number>();
for (const failure of failures) byReason.set(classify(failure), (byReason.get(classify(failure)) ?? 0) + 1);
const short = lastTicks.filter(({ pod, instance, tick }) => (journal.lastTicks(pod).at(instance)?.tick ?? 0) < tick);
const toldGaps = journal.told.filter(({ about }) => about === 'log-gap');
const explainedFaults = journal.faults.filter(({ pod }) => toldGaps.some((gap) => gap.pod === pod));
const unexplained = failures.filter((failure) => classify(failure) === 'unexplained');

console.log(`
Soak of ${((performance.now() - started) / 60_000).toFixed(1)} minutes, seed ${values.seed}, Kubernetes ${process.env['CLUSTER_KUBERNETES']}, kubectl ${under.version}
happened: ${[...happened].map(([name, count]) => `${count} × ${name}`).join(', ')}; the script failed ${troubles} times
requests: ${run.started} started, ${run.answered} answered, ${failures.length} failed, slowest ${Math.round(slowestMs)} ms
  failed, by reason: ${[...byReason].map(([reason, count]) => `${count} ${reason}`).join('; ') || 'none'}
  unexplained: ${JSON.stringify(unexplained.slice(0, 20).map(({ mark, failure, startMs, endMs }) => ({ mark, failure, logged: journal.timesLogged(mark), atS: (startMs - started) / 1000, tookMs: Math.round(endMs - startMs) })))}
  answered but not in the log: ${awaited.size}${awaited.size > 0 ? ` ${JSON.stringify([...awaited].slice(0, 20))}` : ''}
  in the log more than once: ${journal.repeatedRequests.length} ${journal.repeatedRequests.slice(0, 20).join(' ')}
numbered lines: ${journal.ticks} of ${journal.pods.length} pods, ${journal.pods.reduce((sum, pod) => sum + journal.lastTicks(pod).length, 0)} instances
  gaps, repeats, late starts: ${journal.faults.length}, of which the program told of a gap: ${explainedFaults.length}
  ${journal.faults
    .slice(0, 20)
    .map((fault) => JSON.stringify(fault))
    .join('\n  ')}
  ends that plain kubectl read further: ${short.length} of ${lastTicks.length} ${JSON.stringify(short)}
  ends that were not compared: ${unread.length}
program: exit ${code}, left behind ${left.length} processes, RSS ${before.rssMiB} → ${after.rssMiB} MiB, descriptors ${before.descriptors} → ${after.descriptors}
told: ${[...countTold()].map(([kind, count]) => `${count} × ${kind}`).join(', ')}`);
const wrong =
  unexplained.length + awaited.size + journal.repeatedRequests.length + journal.faults.length - explainedFaults.length;
process.exitCode = wrong + short.length + left.length > 0 || code !== 0 ? 1 : 0;

function countTold(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type, about, change } of journal.told) {
    const kind = about ?? change ?? type;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
