// Which processes a test has left: all carry a variable in their environment that the test gave to the first one, or the
// program's own marker.
import { readdirSync, readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';

const VARIABLE = 'ENDING_TEST';
let count = 0;

export interface Process {
  readonly pid: number;
  readonly command: string;
}

export interface Mark {
  readonly env: Readonly<Record<string, string>>;
  /** Command lines of those that live, the pid before each; zombies do not live. */
  living(): readonly string[];
  processes(): readonly Process[];
  /** The first that lives with `word` in its command line, as soon as there is one. */
  appears(word: string): Promise<Process>;
  /** Resolves when none lives any more, but for those whose command line matches `but`. */
  gone(but?: RegExp): Promise<void>;
  /** Ends what lives. */
  kill(): void;
}

/** All that live and have a variable in their environment for which `holds` is true of `NAME=VALUE`. */
export function processesWith(holds: (variable: string) => boolean): readonly Process[] {
  return readFolder('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || !read(`/proc/${entry}/environ`).split('\0').some(holds)) return [];
    if (!alive(Number(entry))) return [];
    const command = read(`/proc/${entry}/cmdline`).replaceAll('\0', ' ').slice(0, 400);
    return [{ pid: Number(entry), command }];
  });
}

/** Whether it runs: a zombie does not. */
export function alive(pid: number): boolean {
  // proc(5): the state stands behind the name, which may contain anything.
  const stat = read(`/proc/${pid}/stat`);
  const state = stat.charAt(stat.lastIndexOf(')') + 2);
  return state !== '' && state !== 'Z';
}

/** False when it has ended by itself meanwhile. */
export function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

export function newMark(): Mark {
  count += 1;
  const value = `${process.pid}-${count}-${Date.now()}`;
  const processes = () => processesWith((variable) => variable === `${VARIABLE}=${value}`);
  const living = () => processes().map(({ pid, command }) => `${pid} ${command}`);
  return {
    env: { [VARIABLE]: value },
    processes,
    living,
    appears: (word) =>
      eventually(
        () => processes().find(({ command }) => command.includes(word)),
        () => `no ${word} among ${JSON.stringify(living())}`,
      ),
    async gone(but) {
      const left = () => living().filter((line) => but === undefined || !but.test(line));
      await eventually(
        () => left().length === 0,
        () => `still there: ${JSON.stringify(left())}`,
      );
    },
    kill() {
      for (const { pid } of processes()) killIfThere(pid);
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

function readFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
