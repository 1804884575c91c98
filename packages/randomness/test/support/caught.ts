import type { RandomnessError } from '../../src/errors.js';

/** The code of what a call throws; undefined when it returns. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return (error as RandomnessError).code;
  }
  return undefined;
}
