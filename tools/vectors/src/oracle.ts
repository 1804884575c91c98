/** What re-checks a vector file: another implementation of the same rule. */
import { isDeepStrictEqual } from 'node:util';
import type { VectorCase } from './form.js';

/** Compares one case with another implementation. */
export interface Oracle {
  /** The implementation, for people. */
  readonly against: string;
  /** What differs, undefined when nothing does; `null` for a case the other one cannot judge. */
  readonly check: (entry: VectorCase) => string | undefined | null;
}

export function outOf<Out>(entry: VectorCase): Out {
  return entry.out as Out;
}

export function expectEqual(found: unknown, stated: unknown): string | undefined {
  return isDeepStrictEqual(found, stated)
    ? undefined
    : `is ${JSON.stringify(found)}, the file says ${JSON.stringify(stated)}`;
}

export function refuses(job: () => unknown): boolean {
  try {
    job();
    return false;
  } catch {
    return true;
  }
}
