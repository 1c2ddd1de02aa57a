// What a connection to one pod consists of: which tunnels, which logs, and what was left out.

export interface TunnelPlan {
  readonly container: string;
  readonly remotePort: number;
  readonly portName: string | undefined;
  /** 0 is a random free port. */
  readonly localPort: number;
}

export interface Plan {
  /** In the pod's order. */
  readonly tunnels: readonly TunnelPlan[];
  /** Names of the containers whose logs are shown, in the pod's order. */
  readonly logs: readonly string[];
  /** What was skipped and why, one sentence each, for stderr. */
  readonly notes: readonly string[];
}
