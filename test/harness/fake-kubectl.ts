// The environment that makes a program use the scripted kubectl, with everything it starts marked for the count at the end.
import { fileURLToPath } from 'node:url';
import { type Mark, newMark } from './processes.ts';
import type { RunOptions } from './program.ts';

export const FAKE_KUBECTL = fileURLToPath(new URL('../fake-kubectl/kubectl.mjs', import.meta.url));
const WRAPPER = fileURLToPath(new URL('../fake-kubectl/wrapper', import.meta.url));

/** What test/fake-kubectl/README.md says. */
export interface FakeRule {
  readonly match?: string;
  readonly nth?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
  readonly crashAfterMs?: number;
  readonly signal?: NodeJS.Signals;
  readonly deaf?: boolean;
  readonly afterMs?: number;
  readonly hang?: boolean;
  readonly helper?: number;
  readonly helperDetached?: boolean;
}

export interface FakeScript {
  readonly pod?: {
    readonly name?: string;
    readonly containers?: readonly { name: string; ports: readonly unknown[] }[];
  };
  readonly version?: string;
  readonly calls?: string;
  readonly rules?: readonly FakeRule[];
}

export function fakeEnv(script: FakeScript): { readonly FAKE_KUBECTL: string } {
  return { FAKE_KUBECTL: JSON.stringify(script) };
}

/** `wrapped`: kubectl is a shell script that starts another one, in a session of its own with `setsid`. */
export function withFake(script: FakeScript = {}, wrapped?: 'wrapped' | 'setsid'): { options: RunOptions; mark: Mark } {
  const mark = newMark();
  const env = {
    ...mark.env,
    ...fakeEnv(script),
    WRAPPED: FAKE_KUBECTL,
    WRAPPED_SETSID: wrapped === 'setsid' ? '1' : undefined,
  };
  return { options: { kubectl: wrapped === undefined ? FAKE_KUBECTL : WRAPPER, env }, mark };
}

/** A pod with so many ports in one container. */
export function podWithPorts(count: number): NonNullable<FakeScript['pod']> {
  return { containers: [{ name: 'go', ports: Array.from({ length: count }, (_, index) => 8000 + index) }] };
}

/** What a watch says when the pod is deleted. */
export function deletedPod(name: string): string {
  const uid = '00000000-0000-0000-0000-000000000001';
  const metadata = { name, namespace: 'default', uid, creationTimestamp: '2024-01-01T00:00:00Z' };
  const object = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { containers: [] }, status: { phase: 'Running' } };
  return `${JSON.stringify({ type: 'DELETED', object })}\n`;
}
