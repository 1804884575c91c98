/**
 * The base of every error a Polyphony package throws for bad input.
 *
 * One class per package extends it, with a closed union of details. The code is stable and has
 * the form `package/kebab-case`; the message is a sentence that says what was expected and what
 * came. A value of the wrong JavaScript type is a `TypeError`, not a protocol error.
 */

/** What every error's details have: the stable code. */
export interface ErrorDetails {
  readonly code: string;
}

/**
 * An error with a stable code and the facts behind it.
 *
 * @example
 * try { decodeRlp(bytes) } catch (error) { if (isProtocolError(error)) console.log(error.code) }
 */
export class ProtocolError<Details extends ErrorDetails = ErrorDetails> extends Error {
  override readonly name: string = 'ProtocolError';
  /** The facts, one member of the package's union. */
  readonly details: Details;

  constructor(details: Details, message: string, options?: ErrorOptions) {
    super(message, options);
    this.details = details;
  }

  /** Stable across minor versions: `package/kebab-case`. */
  get code(): Details['code'] {
    return this.details.code;
  }
}

/** Whether a caught value is an error of one of our packages, also across duplicate installs. */
export function isProtocolError(value: unknown): value is ProtocolError {
  return (
    value instanceof Error &&
    typeof (value as { details?: { code?: unknown } }).details?.code === 'string'
  );
}

/** Details of {@link PrimitivesError}. */
export type PrimitivesErrorDetails =
  | { readonly code: 'primitives/invalid-hex'; readonly reason: string }
  | {
      readonly code: 'primitives/invalid-length';
      readonly what: string;
      readonly expected: number;
      readonly actual: number;
    }
  | { readonly code: 'primitives/out-of-range'; readonly what: string; readonly reason: string }
  | { readonly code: 'primitives/invalid-address'; readonly reason: string }
  | { readonly code: 'primitives/invalid-amount'; readonly reason: string }
  | { readonly code: 'primitives/invalid-decimal'; readonly reason: string }
  | { readonly code: 'primitives/decimal-overflow'; readonly reason: string }
  | { readonly code: 'primitives/division-by-zero'; readonly reason: string }
  | { readonly code: 'primitives/invalid-rlp'; readonly reason: string; readonly offset: number };

/** Thrown by every function of `@polyphony/primitives` on bad input. */
export class PrimitivesError extends ProtocolError<PrimitivesErrorDetails> {
  override readonly name = 'PrimitivesError';

  constructor(details: PrimitivesErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: PrimitivesErrorDetails): string {
  switch (details.code) {
    case 'primitives/invalid-length':
      return `${details.what} must be ${details.expected} bytes, got ${details.actual}`;
    case 'primitives/out-of-range':
      return `${details.what} ${details.reason}`;
    case 'primitives/invalid-rlp':
      return `invalid RLP at byte ${details.offset}: ${details.reason}`;
    default:
      return details.reason;
  }
}
