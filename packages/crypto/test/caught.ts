import { isProtocolError } from '@polyphony/primitives';

/** The code of the protocol error that a call throws, or the name of another error. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isProtocolError(error) ? error.code : (error as Error).name;
  }
  return 'nothing was thrown';
}
