/** Errors with codes, as tests ask for them. An error without a code is thrown on: it is a bug. */

type CodedError = Error & { readonly code: string };

/** What `isProtocolError` of primitives asks, said again: the testkit stands below all packages. */
function coded(error: unknown): CodedError {
  const { details } = error as { details?: { code?: unknown } };
  if (error instanceof Error && typeof details?.code === 'string') return error as CodedError;
  throw error;
}

/** The code that a call throws; undefined when it returns. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return coded(error).code;
  }
  return undefined;
}

/** The code that a promise rejects with; undefined when it resolves. */
export async function rejectedCode(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
  } catch (error) {
    return coded(error).code;
  }
  return undefined;
}

/** The error that a promise rejects with. @throws Error when it resolves. */
export async function rejected(promise: Promise<unknown>): Promise<CodedError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return coded(error);
  }
  throw new Error(`resolved with ${String(value)}`);
}
