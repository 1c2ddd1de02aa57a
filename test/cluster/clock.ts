// The cluster's clock: nanoseconds since the epoch that never go back, and the two ways Kubernetes writes them.

const START_NS = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
const NS_PER_S = 1_000_000_000n;

export function nowNs(): bigint {
  return START_NS + process.hrtime.bigint();
}

/** Length of what `stampOf` gives: RFC 3339 in UTC with nine digits, and the blank after it. */
export const STAMP_BYTES = 31;

let lastSecond = -1n;
let lastSecondText = '';

/** The time as kubelet puts it before a log line, with the blank that follows. */
export function stampOf(timeNs: bigint): string {
  const second = timeNs / NS_PER_S;
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = new Date(Number(second) * 1000).toISOString().slice(0, 19);
  }
  return `${lastSecondText}.${(timeNs % NS_PER_S).toString().padStart(9, '0')}Z `;
}

/** A `metav1.Time`: whole seconds. */
export function kubeTime(ms: number = Date.now()): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
