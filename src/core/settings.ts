// Everything a connection was asked to do: flags, environment and draft.toml folded into one frozen value.
import type { Mapping } from './mapping.ts';

/** Kinds a TARGET can name, by kubectl's full resource names. */
export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'replicaset' | 'job' | 'service';

export type Target =
  | { readonly kind: 'pod'; readonly name: string }
  | { readonly kind: 'workload'; readonly resource: WorkloadKind; readonly name: string }
  | { readonly kind: 'selector'; readonly selector: string }
  /** From draft.toml: label selectors to try in this order, the first with any pod wins. */
  | { readonly kind: 'app'; readonly name: string; readonly selectors: readonly string[] };

/** How kubectl is called: the program and the flags that every call gets. */
export interface KubectlSettings {
  readonly program: string;
  /** kubectl's own flags as the user gave them, namespace included, in `--flag=value` form. */
  readonly flags: readonly string[];
  /** `--request-timeout`, only for calls that end by themselves. */
  readonly requestTimeout: string | undefined;
  /** What the records and messages say; undefined is the context's own. */
  readonly namespace: string | undefined;
  readonly context: string | undefined;
}

export interface Settings {
  readonly target: Target;
  /** What the app is called in variables and in `list`: draft.toml's name, else the target's. */
  readonly app: string;
  readonly kubectl: KubectlSettings;
  readonly mappings: readonly Mapping[];
  /** Names given with `-c`; empty means all. */
  readonly containers: readonly string[];
  /** `['localhost']` unless `--address` was given. */
  readonly addresses: readonly string[];
  readonly logs: boolean;
  /** Lines shown when a log is first opened; -1 is all. */
  readonly tail: number;
  /** As kubectl writes durations, e.g. `5m`. */
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly timeoutMs: number;
  readonly holdMs: number;
  readonly dryRun: boolean;
  readonly output: 'text' | 'json';
  readonly color: 'auto' | 'always' | 'never';
  readonly detach: boolean;
  /** The hidden half of `--detach`: print variables instead of `Connect to` lines, no logs. */
  readonly export: boolean;
  readonly shell: Shell;
  /** `-- COMMAND [ARG...]`. */
  readonly command: readonly string[] | undefined;
  /** `--logs`: show logs on stderr while COMMAND runs. */
  readonly commandLogs: boolean;
  /** Only pods whose `buildID` annotation is this. */
  readonly buildId: string | undefined;
}

export type Shell = 'sh' | 'fish' | 'powershell';
