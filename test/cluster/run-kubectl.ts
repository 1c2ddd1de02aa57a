// Runs the real kubectl against an embedded cluster: which ones there are to test with, one call, a port-forward.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';

const INSTALLED = ['1.27', '1.30', '1.31', '1.33'].map((version) => `/usr/lib/google-cloud-sdk/bin/kubectl.${version}`);

/** Those of KUBECTLS (a list of paths), and the versions of the Cloud SDK that are installed; else the one on PATH. */
export function availableKubectls(): string[] {
  const named = (process.env['KUBECTLS'] ?? '').split(delimiter).filter((path) => path !== '');
  const found = [...named, ...INSTALLED.filter((path) => existsSync(path))];
  return found.length > 0 ? found : ['kubectl'];
}

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export interface Forward {
  readonly port: number;
  /** All of stderr so far. */
  readonly stderr: () => string;
  /** Exit code, or undefined after a signal. */
  readonly ended: Promise<number | undefined>;
  stop(): Promise<void>;
}

export class Kubectl {
  readonly name: string;
  readonly #program: string;
  readonly #home = mkdtempSync(join(tmpdir(), 'kubectl-home-'));
  readonly #env: NodeJS.ProcessEnv;

  constructor(program: string, kubeconfig: string) {
    this.#program = program;
    this.name = basename(program);
    this.#env = { PATH: process.env['PATH'], HOME: this.#home, KUBECONFIG: kubeconfig };
  }

  run(...args: string[]): Promise<KubectlResult> {
    return new Promise((resolve) => {
      const options = { env: this.#env, maxBuffer: 1e9, timeout: 30_000 };
      execFile(this.#program, args, options, (error, stdout, stderr) => {
        resolve({ stdout, stderr, code: error === null ? 0 : Number(error.code ?? -1) });
      });
    });
  }

  /** Starts a call that goes on; `lines` grows as it prints. */
  start(...args: string[]) {
    const child = spawn(this.#program, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk;
    });
    const ended = once(child, 'close').then(([code]) => (code === null ? undefined : Number(code)));
    const printed = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(output.stdout);
        if (found !== null) return found;
        await Promise.race([
          once(child.stdout, 'data'),
          ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${output.stdout}${output.stderr}`))),
        ]);
      }
    };
    return { child, output, ended, printed };
  }

  async forward(pod: string, port: number): Promise<Forward> {
    const call = this.start('port-forward', `pod/${pod}`, `:${port}`, '--address=127.0.0.1');
    const [, local] = await call.printed(/127\.0\.0\.1:(\d+) -> /);
    return {
      port: Number(local),
      stderr: () => call.output.stderr,
      ended: call.ended,
      stop: async () => {
        call.child.kill();
        await call.ended;
      },
    };
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
