// Where a bench runs: what its rows need of a cluster, the same for the embedded one and for a real one.
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BUNDLE = fileURLToPath(new URL('../dist/kubectl-draft_connect', import.meta.url));

/** An app of one pod; its pods carry the label `draft=NAME`. */
export interface App {
  readonly name: string;
  readonly selector: string;
  readonly containers: readonly string[];
  /** In the pod's order. */
  readonly ports: readonly number[];
}

export interface Place {
  readonly name: 'embedded' | 'cluster';
  readonly kubectl: string;
  readonly env: NodeJS.ProcessEnv;
  /** Containers `go` on 8080 and `multi-port` on 80 and 81, as in the reference text. */
  readonly example: App;
  /** One pod with so many ports over so many containers; every port answers `GET /`. */
  deploy(name: string, containers: number, ports: number): Promise<App>;
  /** One pod with one port that sends `GET /down?bytes=N` (a real one: always the bytes it was made with) and takes POST /up. */
  deployBytes(name: string, bytes: number): Promise<App & { readonly downPath: string }>;
  /** One pod that runs the patterns' program (test/cluster/pattern-program.ts); `probed`: with a readiness probe. */
  deployPattern(name: string, probed: boolean): Promise<App>;
  /** The name of its newest pod. */
  podOf(app: App): Promise<string>;
  /** Has the first container write numbered lines of 100 bytes, as fast as it can. */
  burst(app: App, lines: number): Promise<void>;
  /** Lines that the first container can be made to write; the newline is added. */
  openWriter(app: App): Promise<{ write(line: string): void; close(): void }>;
  /** Replaces the app's pod by a new one; resolves when the order is given. */
  rollout(app: App): Promise<void>;
  remove(app: App): Promise<void>;
  /** The embedded cluster's orders (test/cluster/control.ts). */
  readonly order?: (order: string, ...args: readonly unknown[]) => Promise<unknown>;
  stop(): Promise<void>;
}

/** The command line of the built program. */
export function ours(place: Place, app: App, ...flags: readonly string[]): readonly string[] {
  return [process.execPath, BUNDLE, '-l', app.selector, '--kubectl', place.kubectl, ...flags];
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null)
    await new Promise((resolve) => child.once('close', resolve));
}
