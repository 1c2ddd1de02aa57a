// What a pattern plays in: an application that does as it is told, `kubectl port-forward` to it, and the program.
import { setTimeout as delay } from 'node:timers/promises';
import { PATTERN_CONTROL_PORT, type PatternMode, type PatternStats } from '../../test/cluster/pattern-program.ts';
import { UNANSWERED_MS } from '../clients.ts';
import { connect, type Forward, startForward } from '../forwards.ts';
import { type App, ours, type Place } from '../place.ts';
import type { Started } from '../processes.ts';
import { startRelay } from '../relay.ts';
import { noWorseRow, type Row } from '../report.ts';
import { interleave } from '../statistics.ts';

export interface Scene {
  readonly place: Place;
  readonly short: boolean;
  /** Its container has a readiness probe. */
  readonly probed: Subject;
  readonly bare: Subject;
}

export interface Pattern {
  /** To ask for it by `--only`. */
  readonly name: string;
  /** Needs orders that only the embedded cluster takes. */
  readonly embedded?: true;
  readonly measure: (scene: Scene) => Promise<readonly Row[]>;
}

/** Something between a client and the application. */
export interface Target {
  readonly child: Started;
  readonly port: number;
  stop(): Promise<void>;
}

/** The application. What is asked of it goes by a `kubectl port-forward` of its own. */
export class Subject {
  readonly app: App;
  /** A bare relay is played, too. */
  readonly relayed: boolean;
  readonly #place: Place;
  #control: Promise<Forward> | undefined;

  constructor(place: Place, app: App, relayed: boolean) {
    this.#place = place;
    this.app = app;
    this.relayed = relayed;
  }

  pod(): Promise<string> {
    return this.#place.podOf(this.app);
  }

  async behave(mode: PatternMode): Promise<void> {
    await this.#ask(`/${mode}`);
  }

  stats(): Promise<PatternStats> {
    return this.#ask('/');
  }

  async openKubectl(): Promise<Target> {
    return startForward(this.#place, await this.pod(), this.app.ports[0] ?? 0);
  }

  async openRelay(): Promise<Target> {
    return startRelay(this.#place, await this.pod(), this.app.ports[0] ?? 0);
  }

  async openProgram(...flags: readonly string[]): Promise<Target> {
    return this.openCommand(ours(this.#place, this.app, '--no-logs', ...flags));
  }

  async openCommand(command: readonly string[]): Promise<Target> {
    const { child, ports, stop } = await connect(this.#place, this.app, command);
    return { child, port: ports[0] ?? 0, stop };
  }

  async close(): Promise<void> {
    await (await this.#control)?.stop();
    this.#control = undefined;
  }

  async #ask(path: string): Promise<PatternStats> {
    const starting = async () => startForward(this.#place, await this.pod(), PATTERN_CONTROL_PORT);
    this.#control ??= starting();
    const { port } = await this.#control;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Connection: 'close' } });
    return (await response.json()) as PatternStats;
  }
}

export interface Samples {
  readonly kubectl: readonly number[];
  readonly program: readonly number[];
  /** None where it was not asked for. */
  readonly relay: readonly number[];
}

export interface Turns {
  readonly mode: PatternMode;
  readonly rounds: number;
  /** A new one of each for each round, on which nothing has been said. */
  readonly fresh?: true;
  readonly play: (target: Target, subject: Subject) => Promise<readonly number[]>;
}

/** Plays it with kubectl and with the program in turn, and with a bare relay where that was asked for. */
export async function inTurn(subject: Subject, { mode, rounds, fresh, play }: Turns): Promise<Samples> {
  const open = {
    kubectl: () => subject.openKubectl(),
    program: () => subject.openProgram(),
    relay: () => subject.openRelay(),
  };
  const kept: { [Which in keyof typeof open]?: Target } = {};
  const playing = (which: keyof typeof open) => async () => {
    const before = kept[which];
    const ended = before === undefined || before.child.exitCode !== null;
    const target = fresh || ended ? await open[which]() : before;
    kept[which] = target;
    await subject.behave(mode);
    const values = await play(target, subject);
    if (fresh) await target.stop();
    return values;
  };
  try {
    const both = { kubectl: playing('kubectl'), program: playing('program') };
    const nothing = () => Promise.resolve([]);
    const variants = { ...both, relay: subject.relayed ? playing('relay') : nothing };
    const { kubectl, program, relay } = await interleave<keyof Samples, readonly number[]>(rounds, variants, 0);
    return { kubectl: kubectl.flat(), program: program.flat(), relay: relay.flat() };
  } finally {
    await Promise.all([kept.kubectl?.stop(), kept.program?.stop(), kept.relay?.stop()]);
  }
}

/** Plays it with both at the same time, once; each has an application of its own. */
export async function sideBySide({ probed, bare }: Scene, mode: PatternMode, play: Turns['play']): Promise<Samples> {
  const targets = await Promise.all([bare.openKubectl(), probed.openProgram()]);
  try {
    await Promise.all([bare.behave(mode), probed.behave(mode)]);
    const [kubectl, program] = await Promise.all([play(targets[0], bare), play(targets[1], probed)]);
    return { kubectl, program, relay: [] };
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
  }
}

const SLOWER = { by: 2, times: 1.1 };
const LONGER = { by: 0, times: 1.1 };

/** How long one of many took: p50 and p95. */
export function latencyRows(what: string, { kubectl, program, relay }: Samples, allowed = SLOWER): readonly Row[] {
  const row = (share: number) =>
    noWorseRow(`${what}, p${share * 100}`, 'ms', [program, kubectl, relay], allowed, share);
  return [0.5, 0.95].map(row);
}

/** How long all took together. */
export function wholeRow(what: string, { kubectl, program, relay }: Samples): Row {
  return noWorseRow(`${what}, all`, 'ms', [program, kubectl, relay], LONGER);
}

/** Waits until the application has heard of so many connections; when each was heard, in milliseconds after `sinceMs`. */
export async function arrivals(subject: Subject, count: number, sinceMs: number): Promise<readonly number[]> {
  const endMs = performance.now() + UNANSWERED_MS;
  let { arrivedMs } = await subject.stats();
  while (arrivedMs.length < count && performance.now() < endMs) {
    await delay(20);
    ({ arrivedMs } = await subject.stats());
  }
  const missing = new Array<number>(Math.max(0, count - arrivedMs.length)).fill(UNANSWERED_MS);
  return [...arrivedMs.map((ms) => ms - sinceMs), ...missing];
}
