// Runs the built program as its user would and reads what it says.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Process, processesWith } from './processes.ts';

export const BUNDLE = fileURLToPath(new URL('../../dist/kubectl-draft_connect', import.meta.url));

/** The draft.toml of the reference text. */
export const DRAFT_TOML = `[environments]
  [environments.development]
    name = "example-go"
    override-ports = ["8080:8080", "9090:80", "9191:81"]
`;

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface End extends ProgramEnd {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly ended: Promise<ProgramEnd>;
  stdout(): string;
  /** What it says besides the place of the session. */
  stderr(): string;
  /** Resolves with the match once either output holds it; fails with both outputs when the time is up or it ended. */
  sees(stream: 'stdout' | 'stderr', pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** Waits for the `Connect to` lines of so many tunnels; local ports by `container:port`. */
  connected(tunnels: number, withinMs?: number): Promise<ReadonlyMap<string, number>>;
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<ProgramEnd>;
}

export interface RunOptions {
  /** What to run instead of the bundle by itself, for example `kubectl draft-connect`. */
  readonly command?: readonly [string, ...string[]];
  readonly kubectl?: string;
  readonly kubeconfig?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Without the terminal that the tests may run in. */
  readonly ownSession?: boolean;
}

/** Against hanging, not a measure. */
const HANG_MS = 60_000;

const running = new Set<ChildProcess>();
/** Records and remembered ports of this file's sessions; the user's own stay as they are. */
const stateHome = join(tmpdir(), `draft-connect-state-${process.pid}-${Date.now()}`);
// A test that is cut short must not leave it behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(stateHome, { recursive: true, force: true });
});

export function runProgram(args: readonly string[], options: RunOptions = {}): Program {
  const [file, ...before] = options.command ?? [process.execPath, BUNDLE];
  const child = spawn(file, [...before, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: {
      ...process.env,
      ...(options.kubectl === undefined ? {} : { KUBECTL_PATH: options.kubectl }),
      ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig }),
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      DRAFT_ENV: undefined,
      // The tests may run under nohup.
      _: undefined,
      XDG_STATE_HOME: stateHome,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.ownSession ?? false,
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  const out = { stdout: '', stderr: '' };
  let watchers: (() => void)[] = [];
  let over: ProgramEnd | undefined;
  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('latin1');
    child[name].on('data', (text: string) => {
      out[name] += text;
      changed();
    });
  }
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.once('close', (code, signal) => {
      over = { code, signal };
      resolve(over);
      changed();
    });
  });
  const program: Program = {
    pid: child.pid ?? 0,
    child,
    ended,
    stdout: () => out.stdout,
    stderr: () => besidesPlace(out.stderr),
    sees(stream, pattern, withinMs = 20_000) {
      return new Promise((resolve, reject) => {
        const give = (why: string) =>
          new Error(
            `${why} ${pattern} on ${stream}\n--- stdout\n${out.stdout.slice(-4000)}\n--- stderr\n${out.stderr}`,
          );
        const done = () => {
          clearTimeout(timer);
          watchers = watchers.filter((one) => one !== look);
        };
        const look = () => {
          const match = pattern.exec(stream === 'stderr' ? besidesPlace(out.stderr) : out.stdout);
          if (match) {
            done();
            resolve(match);
          } else if (over !== undefined) {
            done();
            reject(give(`ended (${over.code ?? over.signal}) without`));
          }
        };
        const timer = setTimeout(() => {
          done();
          reject(give(`${withinMs} ms without`));
        }, withinMs);
        watchers.push(look);
        look();
      });
    },
    async connected(tunnels, withinMs) {
      await program.sees('stdout', new RegExp(`(?:Connect to [^\\n]*\\n){${tunnels}}`), withinMs);
      const lines = out.stdout.matchAll(/^Connect to (\S+) on \S*?:(\d+)/gm);
      return new Map([...lines].map(([, remote, local]) => [remote ?? '', Number(local)]));
    },
    end(signal = 'SIGINT') {
      child.kill(signal);
      return ended;
    },
  };
  return program;
}

/** Without the line that says where the session is, which is the same in every test. */
export function besidesPlace(stderr: string): string {
  return stderr.replace(/^pod \S+ in namespace .* \(context \S+\)\n/m, '');
}

/** Runs it to its end. */
export function runToEnd(args: readonly string[], options: RunOptions = {}): Promise<End> {
  return endOf(runProgram(args, options));
}

/** How it ends, and what it has said. One that hangs is killed: its `code` is null. */
export async function endOf(program: Program): Promise<End> {
  const timer = setTimeout(() => program.child.kill('SIGKILL'), HANG_MS);
  const end = await program.ended;
  clearTimeout(timer);
  return { ...end, stdout: program.stdout(), stderr: program.stderr() };
}

/** A folder of its own with these files; call `remove` afterwards. */
export function makeFolder(files: Readonly<Record<string, string>> = {}): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Processes that the program with this pid has started and that still run: found by the marker in their environment. */
export function leftovers(pid: number): readonly Process[] {
  return processesWith((variable) => variable.startsWith(`DRAFT_CONNECT_CHILD=${pid}-`));
}
