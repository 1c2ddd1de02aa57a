// What the tests of `up` share: an app's folder, tools that only note how they are called, and a state directory.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from '../harness/program.ts';

export interface ToolCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
}

export interface ToolRule {
  readonly match: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly hang?: boolean;
}

export interface App {
  readonly folder: string;
  readonly state: string;
  readonly options: RunOptions;
  calls(): readonly ToolCall[];
  rules(...rules: readonly ToolRule[]): void;
  write(path: string, text: string): void;
  remove(): void;
}

const TOOLS = fileURLToPath(new URL('up-tools.mjs', import.meta.url));
const CHART = 'apiVersion: v2\nname: go\nversion: 0.1.0\n';

export const UP_TOML = `[environments]
  [environments.development]
    name = "example-go"
    registry = "reg.test:5000"
    container-builder = "docker"
`;

/** @param tools names under which the stand-in is found; whatever else of them the machine has is not */
export function makeApp(toml: string = UP_TOML, tools: readonly string[] = ['docker', 'helm']): App {
  const root = mkdtempSync(join(tmpdir(), 'draft-connect-test-'));
  const folder = join(root, 'app');
  const record = join(root, 'tools');
  const bin = join(root, 'bin');
  for (const each of [record, bin, join(folder, 'charts/go')]) mkdirSync(each, { recursive: true });
  for (const tool of tools) {
    writeFileSync(join(bin, `${tool}.mjs`), readFileSync(TOOLS));
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec ${process.execPath} '${join(bin, tool)}.mjs' "$@"\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('draft.toml', toml);
  write('Dockerfile', 'FROM scratch\n');
  write('charts/go/Chart.yaml', CHART);
  return {
    folder,
    state: join(root, 'state'),
    options: {
      cwd: folder,
      env: {
        PATH: [bin, '/usr/bin', '/bin'].join(delimiter),
        UP_TOOLS: record,
        XDG_STATE_HOME: join(root, 'state'),
      },
    },
    calls() {
      try {
        return readFileSync(join(record, 'calls'), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
      } catch {
        return [];
      }
    },
    rules: (...rules) => writeFileSync(join(record, 'rules.json'), JSON.stringify(rules)),
    write,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The screen with every time and build ID as the reference text's reader would see them. */
export function withoutTimes(text: string): string {
  // Read as latin1, as all output is in these tests.
  return Buffer.from(text, 'latin1')
    .toString()
    .replace(/\(\d+\.\d{4}s\)/g, '(1.0000s)')
    .replace(/[0-7][0-9A-HJKMNP-TV-Z]{25}/g, 'BUILD_ID');
}
