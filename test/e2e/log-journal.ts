// What a connection has shown, read from `-o json`: the server's numbered lines per container instance, and which
// requests it has logged.

export interface TickFault {
  readonly kind: 'gap' | 'repeat' | 'late start';
  readonly pod: string;
  readonly instance: number;
  readonly after: number;
  readonly found: number;
  readonly timestamp: string;
}

/** What a container instance logged last. */
export interface LastTick {
  tick: number;
  timestamp: string;
}

interface LogLine {
  readonly container: string;
  readonly pod: string;
  readonly timestamp: string;
  readonly line: string;
}

/** All else that was told: `pod`, `warning`, `error`. */
export interface Told {
  readonly type: string;
  readonly about?: string;
  readonly change?: string;
  readonly pod?: string;
  readonly message?: string;
  readonly atMs: number;
}

export class LogJournal {
  readonly faults: TickFault[] = [];
  readonly told: Told[] = [];
  readonly ports = new Map<string, number>();
  ticks = 0;
  readonly #instances = new Map<string, LastTick[]>();
  readonly #requests = new Map<string, number>();
  #rest = '';

  take(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#takeObject(JSON.parse(line));
  }

  /** How often the request with this mark was logged. */
  timesLogged(mark: string): number {
    return this.#requests.get(mark) ?? 0;
  }

  /** Marks that were logged more than once. */
  get repeatedRequests(): readonly string[] {
    return [...this.#requests].filter(([, times]) => times > 1).map(([mark]) => mark);
  }

  /** The last numbered line of each instance of the pod's container, in their order. */
  lastTicks(pod: string): readonly LastTick[] {
    return this.#instances.get(pod) ?? [];
  }

  get pods(): readonly string[] {
    return [...this.#instances.keys()];
  }

  #takeObject(object: { type: string } & Record<string, unknown>): void {
    if (object.type === 'log') this.#takeLog(object as unknown as LogLine);
    else if (object.type === 'tunnel')
      this.ports.set(`${object['container']}:${object['port']}`, Number(object['localPort']));
    else this.told.push({ ...object, atMs: performance.now() });
  }

  #takeLog({ container, pod, timestamp, line }: LogLine): void {
    if (container !== 'go') return;
    const mark = /\/\?mark=(\S+)$/.exec(line)?.[1];
    if (mark !== undefined) this.#requests.set(mark, this.timesLogged(mark) + 1);
    const tick = Number(/^tick (\d+)$/.exec(line)?.[1]);
    if (!Number.isNaN(tick)) this.#takeTick(pod, tick, timestamp);
  }

  #takeTick(pod: string, tick: number, timestamp: string): void {
    this.ticks += 1;
    const instances = this.#instances.get(pod) ?? [];
    this.#instances.set(pod, instances);
    const last = instances.at(-1);
    const after = last?.tick ?? 0;
    const later = last === undefined || inOrder(last.timestamp, timestamp);
    const fault = (kind: TickFault['kind']) =>
      this.faults.push({ kind, pod, instance: instances.length, after, found: tick, timestamp });
    if (last === undefined || (later && tick <= after)) {
      // A number that starts over, later in time, is another instance's.
      instances.push({ tick, timestamp });
      if (tick !== 1) fault('late start');
    } else if (tick <= after || !later) fault('repeat');
    else {
      if (tick !== after + 1) fault('gap');
      Object.assign(last, { tick, timestamp });
    }
  }
}

/** RFC 3339 with up to nine digits of a second. */
function inOrder(first: string, then: string): boolean {
  const padded = (text: string) => {
    const [seconds = '', fraction = ''] = text.replace('Z', '').split('.');
    return seconds + fraction.padEnd(9, '0');
  };
  return padded(first) < padded(then);
}
