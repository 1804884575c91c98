/** What the codecs of this package share: one error for all that is wrong with bytes. Internal. */
import { isProtocolError } from '@polyphony/primitives';
import { EposError } from './errors.js';

/** Throws `epos/invalid-encoding`. */
export function refuseEncoding(what: string, reason: string, cause?: unknown): never {
  const options = cause === undefined ? undefined : { cause };
  throw new EposError({ code: 'epos/invalid-encoding', what, reason }, options);
}

/** Runs a codec; errors of lower layers become this package's. */
export function inEncoding<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EposError || !isProtocolError(error)) throw error;
    return refuseEncoding(what, error.message, error);
  }
}

/** The value itself if it is an unsigned integer of so many bits. */
export function unsigned(value: bigint, bits: number, field: string, what: string): bigint {
  if (typeof value !== 'bigint') throw new TypeError(`${field} must be a bigint`);
  if (value < 0n || value >> BigInt(bits) !== 0n) {
    refuseEncoding(what, `${field} must be an unsigned integer of at most ${bits} bits`);
  }
  return value;
}
