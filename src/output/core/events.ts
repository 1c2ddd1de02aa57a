// Everything that can happen in a session, as told to the user (text on stderr or -o json).

export interface OpenTunnel {
  readonly app: string;
  readonly container: string;
  readonly remotePort: number;
  readonly portName: string | undefined;
  /** As shown: `localhost`, or what `--address` says. */
  readonly addresses: readonly string[];
  readonly localPort: number;
  readonly pod: string;
}

/** As programs read it: in a `tunnel` event, and from `--detach -o json` and `list -o json`. */
export function tunnelAsJson(tunnel: OpenTunnel): Readonly<Record<string, unknown>> {
  const { app, container, remotePort, portName, addresses, localPort, pod } = tunnel;
  return { container, port: remotePort, portName, address: addresses[0], addresses, localPort, pod, app };
}

/** `app`: whose it is, where a session has several and it is not everybody's. */
export type SessionEvent = Happening & { readonly app?: string };

type Happening =
  | { readonly kind: 'tunnel-opened'; readonly tunnel: OpenTunnel }
  /** No pod can be used yet. Told again when the reason changes. */
  | { readonly kind: 'pod-awaited'; readonly reason: string }
  /** `others`: how many further pods would have done as well. */
  | {
      readonly kind: 'pod-selected';
      readonly pod: string;
      readonly others: number;
      /** All of the pod's, in its order. */
      readonly containers: readonly { readonly name: string }[];
      /** Undefined where kubectl does not say. */
      readonly namespace: string | undefined;
      readonly context: string | undefined;
    }
  | { readonly kind: 'pod-replaced'; readonly from: string; readonly to: string }
  /** The pod ends or is gone, and no other pod is Ready yet. `holdMs`: how long connections wait for one. */
  | { readonly kind: 'pod-lost'; readonly pod: string; readonly reason: string; readonly holdMs: number | undefined }
  | { readonly kind: 'pod-restored'; readonly pod: string }
  | {
      readonly kind: 'container-ended';
      readonly pod: string;
      readonly container: string;
      readonly exitCode: number;
      readonly reason: string | undefined;
      /** kubelet's own words on the back-off, e.g. `back-off 10s restarting failed container`. */
      readonly backOff: string | undefined;
    }
  | {
      readonly kind: 'container-restarted';
      readonly pod: string;
      readonly container: string;
      readonly restarts: number;
    }
  | {
      readonly kind: 'forward-failed';
      readonly container: string;
      readonly remotePort: number;
      readonly reason: string;
    }
  | { readonly kind: 'forward-restored'; readonly container: string; readonly remotePort: number }
  /** A connection has waited for as long as it may, and was closed. `noPod`: because none is ready. */
  | {
      readonly kind: 'connection-expired';
      readonly container: string;
      readonly remotePort: number;
      readonly holdMs: number;
      readonly noPod: boolean;
    }
  /** There are no descriptors for more than `most` connections: further ones are closed. */
  | { readonly kind: 'crowded'; readonly most: number }
  | { readonly kind: 'api-lost'; readonly reason: string }
  | { readonly kind: 'api-restored' }
  /** Lines of this container may be missing: the node no longer had them. */
  | { readonly kind: 'log-gap'; readonly pod: string; readonly container: string; readonly reason: string }
  | { readonly kind: 'log-failed'; readonly pod: string; readonly container: string; readonly reason: string }
  /** One of several apps is over for good; the others go on. */
  | { readonly kind: 'app-ended'; readonly message: string; readonly failed: boolean }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string };

/** What a tunnel says of itself, for the session to tell. */
export type TunnelEvent =
  /** `atStart`: kubectl port-forward itself does not come up; otherwise connections through it are refused. */
  | { readonly kind: 'failed'; readonly reason: string; readonly atStart: boolean }
  | { readonly kind: 'restored' }
  /** A connection was closed that had waited in vain; told once, until one is answered again. */
  | { readonly kind: 'expired' }
  /** There are no descriptors for further connections: they are closed. `most`: as many as there may be. */
  | { readonly kind: 'crowded'; readonly most: number };

/** Tells the user; never throws, never blocks. */
export type Tell = (event: SessionEvent) => void;
