/** What the checks of networks expect with, and the words they speak in. */
import { P2pError, type P2pErrorDetails } from '../errors.js';

/** After so many milliseconds all that was sent before has arrived. */
export const ARRIVAL_MS = 1000;

/** A check found something else than it expected. */
export class Mismatch extends Error {}

/** Fails the check at hand. */
export function fail(reason: string): never {
  throw new Mismatch(reason);
}

/** Bytes by their values. */
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Expects a call to throw or reject with a code. */
export async function expectCode(
  what: string,
  action: () => unknown,
  code: P2pErrorDetails['code'],
): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof P2pError && error.code === code) return;
    fail(`${what}: expected ${code}, got ${String(error)}`);
  }
  fail(`${what}: expected ${code}, nothing was thrown`);
}
