/**
 * What `@polyphony/bls` throws: one class, a closed union of details, stable codes.
 *
 * `verify*` and `isValid*` never throw for hostile bytes; they answer false. Everything that
 * decodes, signs or aggregates throws. A secret key never appears in a message.
 */
import { ProtocolError } from '@polyphony/primitives';

/** What a group element or scalar is used for. */
export type BlsValue = 'secret key' | 'public key' | 'signature';

/** Details of {@link BlsError}. */
export type BlsErrorDetails =
  | {
      readonly code: 'bls/invalid-length';
      readonly what: BlsValue | 'bitmap' | 'weights';
      readonly expected: number;
      readonly actual: number;
    }
  | { readonly code: 'bls/invalid-hex'; readonly what: BlsValue; readonly reason: string }
  | { readonly code: 'bls/invalid-encoding'; readonly what: BlsValue; readonly reason: string }
  | { readonly code: 'bls/not-on-curve'; readonly what: BlsValue }
  | { readonly code: 'bls/not-in-subgroup'; readonly what: BlsValue }
  | { readonly code: 'bls/identity'; readonly what: BlsValue }
  | { readonly code: 'bls/invalid-secret-key'; readonly reason: string }
  | { readonly code: 'bls/invalid-message'; readonly reason: string }
  | { readonly code: 'bls/nothing-to-aggregate'; readonly what: BlsValue }
  | { readonly code: 'bls/invalid-weights'; readonly reason: string }
  | { readonly code: 'bls/bitmap-padding'; readonly signers: number }
  | { readonly code: 'bls/out-of-range'; readonly what: string; readonly reason: string }
  | { readonly code: 'bls/thread-failed'; readonly reason: string }
  | { readonly code: 'bls/conformance-failed'; readonly check: string; readonly reason: string };

/** Thrown by every function of `@polyphony/bls` on bad input. */
export class BlsError extends ProtocolError<BlsErrorDetails> {
  override readonly name = 'BlsError';

  constructor(details: BlsErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: BlsErrorDetails): string {
  switch (details.code) {
    case 'bls/invalid-length':
      return `${details.what} must be ${details.expected} bytes, got ${details.actual}`;
    case 'bls/invalid-hex':
    case 'bls/invalid-encoding':
    case 'bls/out-of-range':
      return `${details.what} ${details.reason}`;
    case 'bls/not-on-curve':
      return `${details.what} is not the encoding of a curve point`;
    case 'bls/not-in-subgroup':
      return `${details.what} is a curve point outside the prime-order subgroup`;
    case 'bls/identity':
      return `${details.what} is the point at infinity`;
    case 'bls/invalid-secret-key':
      return `secret key ${details.reason}`;
    case 'bls/invalid-message':
      return `message ${details.reason}`;
    case 'bls/nothing-to-aggregate':
      return `at least one ${details.what} is needed to aggregate`;
    case 'bls/invalid-weights':
      return `weights ${details.reason}`;
    case 'bls/thread-failed':
      return `the thread failed: ${details.reason}`;
    case 'bls/conformance-failed':
      return `${details.check}: ${details.reason}`;
    case 'bls/bitmap-padding':
      return `bitmap has bits set above its ${details.signers} signers`;
  }
}
