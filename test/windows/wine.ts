// Windows as far as wine is it: a prefix of its own, and programs in it whose outputs are files, since wine's pipes are not
// what Node expects of its standard streams.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachePath, nodeFor } from '../../scripts/package/node-binary.ts';
import { platformNamed } from '../../scripts/package/platforms.ts';
import { eventually } from '../harness/eventually.ts';
import { type Mark, newMark } from '../harness/processes.ts';
import { BUNDLE, besidesPlace, makeFolder } from '../harness/program.ts';

/** What the tier runs with; `go` builds kubectl.exe. */
export const TOOLS = ['wine', 'x86_64-w64-mingw32-gcc', 'go', 'flock'] as const;

export interface WindowsProgram {
  readonly child: ChildProcess;
  /** Exit status; undefined after a signal. */
  readonly ended: Promise<number | undefined>;
  stdout(): string;
  /** What it says besides the place of the session. */
  stderr(): string;
  sees(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for the `Connect to` lines of so many tunnels; local ports by `container:port`. */
  connected(tunnels: number): Promise<ReadonlyMap<string, number>>;
}

export interface WindowsEnd {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Windows {
  /** The bundle, run by Node for Windows. */
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** On PATH, besides Windows' own: has kubectl.exe. */
  readonly bin: string;
  /** `%LOCALAPPDATA%`. */
  readonly localAppData: string;
  /** A new folder whose name has a blank. */
  folder(title: string): string;
  /** Compiles a C program of this folder. */
  compile(source: string, file: string): void;
  run(command: readonly string[], options?: { readonly cwd?: string; readonly mark?: Mark }): WindowsProgram;
  toEnd(command: readonly string[], options?: { readonly cwd?: string; readonly mark?: Mark }): Promise<WindowsEnd>;
  stop(): void;
}

/** As Windows' programs name it: Z: is the root. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

export function startWindows(kubeconfig: string): Windows {
  const work = makeFolder();
  const folder = (title: string) => {
    const path = join(work.path, `a ${title}`);
    mkdirSync(path);
    return path;
  };
  const bin = folder('bin');
  const prefix = join(work.path, 'wine');
  const env = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    WINEPATH: windowsPath(bin),
    KUBECONFIG: windowsPath(kubeconfig),
    SHELL: undefined,
    NODE_OPTIONS: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    XDG_STATE_HOME: undefined,
  };
  const compile: Windows['compile'] = (source, file) => {
    const path = fileURLToPath(new URL(source, import.meta.url));
    const kind = file.endsWith('.dll') ? ['-shared'] : [];
    execFileSync('x86_64-w64-mingw32-gcc', [...kind, '-s', '-o', file, path, '-ladvapi32']);
  };
  execFileSync('wine', ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], {
    env,
    stdio: 'ignore',
  });
  compile('bcryptprimitives.c', join(prefix, 'drive_c/windows/system32/bcryptprimitives.dll'));
  execFileSync(fileURLToPath(new URL('get-kubectl', import.meta.url)), [cachePath('windows')], { stdio: 'inherit' });
  copyFileSync(cachePath('windows', 'kubectl.exe'), join(bin, 'kubectl.exe'));

  const users = join(prefix, 'drive_c/users');
  const user = readdirSync(users).find((name) => name !== 'Public');
  let runs = 0;
  const run: Windows['run'] = (command, { cwd = work.path, mark = newMark() } = {}) => {
    runs += 1;
    const files = { stdout: join(work.path, `${runs}.stdout`), stderr: join(work.path, `${runs}.stderr`) };
    const [stdout, stderr] = [openSync(files.stdout, 'w'), openSync(files.stderr, 'w')];
    const child = spawn('wine', command, { cwd, env: { ...env, ...mark.env }, stdio: ['ignore', stdout, stderr] });
    closeSync(stdout);
    closeSync(stderr);
    return programOf(child, files);
  };
  return {
    program: [nodeFor(platformNamed('windows-amd64')), windowsPath(BUNDLE)],
    env,
    bin,
    localAppData: join(users, user ?? '', 'AppData/Local'),
    folder,
    compile,
    run,
    async toEnd(command, options) {
      const program = run(command, options);
      return { code: await program.ended, stdout: program.stdout(), stderr: program.stderr() };
    },
    stop() {
      execFileSync('wineserver', ['--kill', '--wait'], { env });
      work.remove();
    },
  };
}

function programOf(child: ChildProcess, files: { readonly stdout: string; readonly stderr: string }): WindowsProgram {
  let over = false;
  const ended = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => {
      over = true;
      resolve(code ?? undefined);
    });
  });
  // Node ends its lines there as everywhere, Windows' own programs with CR LF.
  const read = (file: string) => readFileSync(file, 'latin1').replaceAll('\r\n', '\n');
  const texts = { stdout: () => read(files.stdout), stderr: () => besidesPlace(read(files.stderr)) };
  const sees: WindowsProgram['sees'] = async (stream, pattern) => {
    const otherwise = () => `${pattern} on ${stream}\n--- stdout\n${texts.stdout()}\n--- stderr\n${texts.stderr()}`;
    const found = await eventually(() => {
      const last = over;
      return pattern.exec(texts[stream]()) ?? (last && 'ended');
    }, otherwise);
    if (found === 'ended') throw new Error(`ended without ${otherwise()}`);
    return found;
  };
  return {
    child,
    ended,
    ...texts,
    sees,
    async connected(tunnels) {
      await sees('stdout', new RegExp(`(?:Connect to [^\\n]*\\n){${tunnels}}`));
      const lines = texts.stdout().matchAll(/^Connect to (\S+) on \S*?:(\d+)/gm);
      return new Map([...lines].map(([, remote, local]) => [remote ?? '', Number(local)]));
    },
  };
}
