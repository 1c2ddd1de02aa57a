// One `up` whose tools and kubectl answer from a script, and what it did and showed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../../../src/kubectl/ask.ts';
import type { Environment } from '../../../src/request/core/manifest.ts';
import type { Call } from '../../../src/up/core/builder.ts';
import type { Kube } from '../../../src/up/deployed.ts';
import type { Plan } from '../../../src/up/prepare.ts';
import type { RunTool, ToolEnd } from '../../../src/up/run-tool.ts';
import { createJsonScreen, createTextScreen, type Screen } from '../../../src/up/screen.ts';
import type { UpRun } from '../../../src/up/stage.ts';

export const BUILD_ID = '01C9HJKRQ7VZ3C4G9KBCS41BFJ';

/** Keeps the state directory of what runs meanwhile apart. */
export function ownStateHome(): { readonly path: string; restore(): void } {
  const before = process.env['XDG_STATE_HOME'];
  const path = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
  process.env['XDG_STATE_HOME'] = path;
  return {
    path,
    restore() {
      if (before === undefined) delete process.env['XDG_STATE_HOME'];
      else process.env['XDG_STATE_HOME'] = before;
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export const succeeded = (stdout = ''): ToolEnd => ({ kind: 'succeeded', stdout });
export const failed = (...lines: readonly string[]): ToolEnd => ({ kind: 'failed', how: 'exit status 1', lines });
export const answered = (...items: readonly unknown[]): Answer => ({
  kind: 'answered',
  value: { kind: 'List', items },
});

export function environmentWith(changes: Partial<Environment> = {}): Environment {
  return {
    environment: 'development',
    name: 'web',
    registry: 'reg.test',
    imageBuildArgs: {},
    customTags: [],
    set: [],
    wait: false,
    ...changes,
  } as Environment;
}

export const IMAGE_PLAN: Plan = {
  kind: 'image',
  app: 'web',
  builder: 'podman',
  repository: 'reg.test/web',
  dockerfile: '/app/Dockerfile',
  context: '/app',
  buildTar: undefined,
  chart: '/app/charts/web',
  chartShown: 'charts/web',
  push: true,
};

export const NO_KUBE: Kube = {
  where: ' -n default',
  list: async () => answered(),
  lacksNamespace: async () => false,
  logLines: async () => [],
};

export interface ScriptedUp {
  readonly up: UpRun;
  /** `PROGRAM ARG ARG`, in order. */
  readonly calls: readonly string[];
  readonly out: () => string;
  readonly err: () => string;
  readonly logged: readonly string[];
  readonly abort: AbortController;
}

export function scriptUp(
  tool: (call: Call, said: (line: string) => void, signal: AbortSignal) => ToolEnd | Promise<ToolEnd>,
  changes: Partial<UpRun> & { readonly json?: boolean; readonly quiet?: boolean } = {},
): ScriptedUp {
  const calls: string[] = [];
  const logged: string[] = [];
  const abort = new AbortController();
  let out = '';
  let err = '';
  const run: RunTool = async (call, { signal, onLine }) => {
    calls.push([call.program, ...call.args].join(' '));
    const end = await tool(call, (line) => onLine?.(line), signal);
    signal.throwIfAborted();
    return end;
  };
  const screen: Screen = changes.json
    ? createJsonScreen((line) => {
        out += `${line}\n`;
      })
    : createTextScreen({
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        quiet: changes.quiet ?? false,
        columns: undefined,
      });
  const up: UpRun = {
    plan: IMAGE_PLAN,
    environment: environmentWith(),
    place: { namespace: 'dev', context: 'test', kubectlFlags: [] },
    buildId: BUILD_ID,
    timeoutMs: 60_000,
    run,
    kube: NO_KUBE,
    screen,
    log: { line: (text) => void logged.push(text), close: async () => undefined },
    secrets: [],
    signal: abort.signal,
    ...changes,
  };
  return { up, calls, out: () => out, err: () => err, logged, abort };
}
