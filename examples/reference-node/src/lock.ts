/** Runs asynchronous steps one after another: the chain of a node has one writer at a time. */

/** Runs a step when all earlier ones are done. A step that fails does not stop later ones. */
export type Lock = <T>(step: () => Promise<T>) => Promise<T>;

/** A lock that nobody holds. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (step) => {
    const result = last.then(step, step);
    last = result.catch(() => undefined);
    return result;
  };
}
