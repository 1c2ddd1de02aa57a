// kubectl's JSON of a pod, reduced to the fields this program uses.

export interface ContainerPort {
  readonly number: number;
  readonly name: string | undefined;
  readonly protocol: string;
}

export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string | undefined; readonly message: string | undefined }
  | { readonly kind: 'running' }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly reason: string | undefined;
      readonly containerId: string | undefined;
    };

export interface ContainerStatus {
  readonly state: ContainerState;
  /** The instance before this one, if the container has been restarted. */
  readonly lastTermination: Extract<ContainerState, { kind: 'terminated' }> | undefined;
  readonly restartCount: number;
  readonly containerId: string | undefined;
  readonly ready: boolean;
}

export interface Container {
  readonly name: string;
  /** A native sidecar is an init container with `restartPolicy: Always`; other init containers are `init`. */
  readonly role: 'main' | 'sidecar' | 'init';
  readonly ports: readonly ContainerPort[];
  readonly status: ContainerStatus | undefined;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** The controlling owner. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** Has a deletionTimestamp. */
  readonly terminating: boolean;
  readonly phase: string;
  readonly ready: boolean;
  /** The pod's own reason and message (e.g. Evicted), or those of an unmet PodScheduled condition. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** In the pod's order; sidecars and other init containers come first, as the kubelet starts them. */
  readonly containers: readonly Container[];
}

export type WatchEvent =
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly pod: Pod };
