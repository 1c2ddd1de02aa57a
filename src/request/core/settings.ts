// Everything a run was asked to do: flags, environment and draft.toml folded into one value.
import type { Mapping } from './mapping.ts';
import type { PodOptions } from './part-options.ts';
import type { LinePatterns, Pattern } from './patterns.ts';
import type { Target } from './target.ts';

/** Logs in where a credential plugin is in use. */
export interface Login {
  /** What a kubectl waits for before it starts; undefined: nothing. Never rejects, and resolves when the session ends. */
  pass(): Promise<void> | undefined;
  /** kubectl was answered when it asked for the target. */
  answered(kubectl: KubectlSettings, target: Target): void;
  /** A kubectl's last words: they may be about a login. True: it is asked for before the next kubectl starts. */
  heard(message: string): boolean;
}

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
  /** A credential plugin logs in; undefined: the kubeconfig was not asked. */
  readonly hasPlugin?: boolean | undefined;
  /** Of the session, where there may be a plugin. */
  readonly login?: Login | undefined;
}

/** What a session is to do: one app's part of a run. */
export interface AppSettings {
  readonly target: Target;
  /** What the app is called in variables and in `list`: after the target, which may be draft.toml's. */
  readonly app: string;
  /** The draft.toml that names the target, if one does. */
  readonly manifest: string | undefined;
  readonly kubectl: KubectlSettings;
  readonly mappings: readonly Mapping[];
  /** Names given with `-c`; empty means all. */
  readonly containers: readonly string[];
  /** `['localhost']` unless `--address` was given. */
  readonly addresses: readonly string[];
  readonly logs: boolean;
  /** Of all pods of the target, not only of the one that is connected to. */
  readonly allPods: boolean;
  readonly tunnels: boolean;
  /** A pod that runs but is not ready will do. */
  readonly unready: boolean;
  /** Lines shown when a log is first opened; -1 is all. */
  readonly tail: number;
  /** As kubectl writes durations, e.g. `5m`. */
  readonly since: string | undefined;
  readonly timestamps: boolean;
  /** No logs of containers whose name matches one of these. */
  readonly excludeContainers: readonly Pattern[];
  readonly timeoutMs: number;
  readonly holdMs: number;
  /** The first pod has this label: it is of the build that `up` has just released. */
  readonly revision?: { readonly key: string; readonly value: string };
}

/** What is the same for all apps of a run. */
export interface RunSettings
  extends Pick<ConnectFlags, 'quiet' | 'dryRun' | 'output' | 'color' | 'detach' | 'export' | 'shell' | 'command'> {
  /** Undefined: all lines, as they are. */
  readonly lines: LinePatterns | undefined;
}

export type Apps = readonly [AppSettings, ...AppSettings[]];

export interface Settings extends RunSettings {
  readonly apps: Apps;
  /** What names no app of several: whose it is shows when their pods are known. */
  readonly shared: PodOptions;
}

export type Shell = 'sh' | 'bash' | 'zsh' | 'fish' | 'powershell';

/** What the command line hands over: undefined where a flag was not given. */
export interface ConnectFlags {
  readonly targets: readonly string[];
  readonly selector: string | undefined;
  readonly environment: string | undefined;
  readonly file: string | undefined;
  readonly overridePorts: readonly string[];
  readonly containers: readonly string[];
  readonly addresses: readonly string[];
  readonly tail: number | undefined;
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly noLogs: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly highlight: readonly string[];
  readonly excludeContainers: readonly string[];
  /** No status lines but warnings. */
  readonly quiet: boolean;
  readonly noTunnels: boolean;
  readonly allPods: boolean;
  readonly unready: boolean;
  readonly timeout: string | undefined;
  readonly hold: string | undefined;
  readonly dryRun: boolean;
  readonly detach: boolean;
  /** The hidden half of `--detach`: print variables instead of `Connect to` lines, no logs. */
  readonly export: boolean;
  /** Undefined: the shell that called us. */
  readonly shell: Shell | undefined;
  readonly output: 'text' | 'json';
  readonly color: 'auto' | 'always' | 'never';
  readonly kubectl: string | undefined;
  readonly namespace: string | undefined;
  readonly context: string | undefined;
  readonly requestTimeout: string | undefined;
  /** Every flag of kubectl's own but `--request-timeout`, as `--flag=value`. */
  readonly kubectlFlags: readonly string[];
  /** `-- COMMAND [ARG...]`. */
  readonly command: readonly string[] | undefined;
  /** `--logs`: show logs on stderr while COMMAND runs. */
  readonly commandLogs: boolean;
}

export type Variables = Readonly<Record<string, string | undefined>>;
