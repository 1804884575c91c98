/** The code of what a call throws or rejects with. */
import { isProtocolError } from '@polyphony/primitives';

function code(error: unknown): string {
  if (!isProtocolError(error)) throw error;
  return error.code;
}

/** The code that a call throws; fails when it throws nothing or something without a code. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return code(error);
  }
  throw new Error('nothing was thrown');
}

/** The code that a promise rejects with. */
export async function rejectedCode(promise: Promise<unknown>): Promise<string> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return code(error);
  }
  throw new Error(`resolved with ${String(value)}`);
}
