// A promise with its ends at hand: Promise.withResolvers comes with Node 22.

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

/** Only the first call of `resolve` or `reject` counts. */
export function createDeferred<T = void>(): Deferred<T> {
  let ends: Omit<Deferred<T>, 'promise'> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    ends = { resolve, reject };
  });
  // A promise's executor has run when its constructor returns.
  return { promise, ...(ends as Omit<Deferred<T>, 'promise'>) };
}
