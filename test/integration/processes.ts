// Which processes a test has left: all carry a variable in their environment that the test gave to the first one.
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const VARIABLE = 'ENDING_TEST';
let count = 0;

/** A time that holds for a machine with nothing else to do, as long as it takes on this one. */
export function underLoad(ms: number): number {
  // proc(5): the mean of the last minute, and how many want to run in this moment.
  const [minute, , , now] = read('/proc/loadavg').split(' ');
  const load = Math.max(Number(minute) || 0, Number.parseInt(now ?? '', 10) || 0);
  return ms * Math.max(1, load / availableParallelism());
}

export interface Mark {
  readonly env: Readonly<Record<string, string>>;
  /** Command lines of those that live; zombies do not. */
  living(): readonly string[];
  /** Resolves when one that lives has `word` in its command line; fails after 30 s of a machine that is not busy. */
  appears(word: string): Promise<void>;
  /** What still lives after `ms` (of a machine that is not busy); returns as soon as nothing does. */
  leftAfter(ms: number): Promise<readonly string[]>;
}

export function newMark(): Mark {
  count += 1;
  const value = `${process.pid}-${count}-${Date.now()}`;
  const living = () =>
    readdirSync('/proc').flatMap((pid) => {
      if (!/^\d+$/.test(pid) || !read(`/proc/${pid}/environ`).split('\0').includes(`${VARIABLE}=${value}`)) return [];
      const stat = read(`/proc/${pid}/stat`);
      const state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state === 'Z' || state === ''
        ? []
        : [`${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 400)}`];
    });
  return {
    env: { [VARIABLE]: value },
    living,
    async appears(word) {
      const deadline = performance.now() + underLoad(30_000);
      while (!living().some((line) => line.includes(word))) {
        if (performance.now() > deadline) throw new Error(`no ${word} among ${JSON.stringify(living())}`);
        await delay(20);
      }
    },
    async leftAfter(ms) {
      const deadline = performance.now() + underLoad(ms);
      for (;;) {
        const left = living();
        if (left.length === 0 || performance.now() > deadline) return left;
        await delay(20);
      }
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
