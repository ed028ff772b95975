/**
 * Asks once for all who want the same answer within `ttlMs` of its arrival; those who come while it is being fetched wait for it.
 * The fetch has a signal of its own, so that one caller's time-out does not take the answer from the others.
 */
export function shared<T>(ttlMs: number, limitMs: number, fetch: (signal: AbortSignal) => Promise<T>) {
  let pending: Promise<T> | undefined;
  let freshUntil = 0;
  return (signal: AbortSignal): Promise<T> => {
    if (pending === undefined || performance.now() > freshUntil) {
      freshUntil = Number.POSITIVE_INFINITY;
      const current = fetch(AbortSignal.timeout(limitMs));
      pending = current;
      current.then(
        () => {
          freshUntil = performance.now() + ttlMs;
        },
        () => {
          pending = undefined;
        },
      );
    }
    return orAborted(pending, signal);
  };
}

/** The promise's result, or the signal's reason if that comes first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
