// How many logs are shown at once: each has a kubectl of its own, with some 40 MiB.

/** As many as stern's. */
export const MOST_LOGS = 50;

export interface CountedPod {
  readonly uid: string;
  /** How many logs it has. */
  readonly logs: number;
}

/**
 * @param open how many logs are open, and of which pods
 * @returns the pods of which there is room for all logs, those that are open among them
 */
export function withinLimit<One extends CountedPod>(
  pods: readonly One[],
  open: { readonly count: number; readonly uids: ReadonlySet<string> },
): readonly One[] {
  let count = open.count;
  return pods.filter(({ uid, logs }) => {
    if (open.uids.has(uid)) return true;
    const fits = count + logs <= MOST_LOGS;
    if (fits) count += logs;
    return fits;
  });
}
