import { isProtocolError } from '../src/errors.js';

/** What a call throws; fails when it returns. */
export function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, got none');
}

/** The code of the protocol error that a call throws, or the name of another error. */
export function codeOf(run: () => unknown): string {
  const error = caught(run);
  return isProtocolError(error) ? error.code : (error as Error).name;
}
