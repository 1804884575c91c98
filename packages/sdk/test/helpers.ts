/** The code of what a call throws or rejects with. */
import { isProtocolError } from '@polyphony/primitives';

function code(error: unknown): string {
  if (!isProtocolError(error)) throw error;
  return error.code;
}

/** The code that a call throws. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return code(error);
  }
  throw new Error('nothing was thrown');
}

/** The error that a promise rejects with. */
export async function rejected(promise: Promise<unknown>): Promise<Error & { code: string }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    code(error);
    return error as Error & { code: string };
  }
  throw new Error(`resolved with ${String(value)}`);
}
