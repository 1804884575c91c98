/**
 * What `@polyphony/epos` throws for bad input: one class, a closed union of details.
 * A value of the wrong JavaScript type is a `TypeError` instead.
 */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link EposError}. */
export type EposErrorDetails = {
  readonly code: 'epos/invalid-length';
  /** What was read: `key`, `seal`. */
  readonly what: string;
  /** In bytes. */
  readonly expected: number;
  readonly actual: number;
};

/** Thrown by every function of this package on bad input. */
export class EposError extends ProtocolError<EposErrorDetails> {
  override readonly name = 'EposError';

  constructor(details: EposErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: EposErrorDetails): string {
  switch (details.code) {
    case 'epos/invalid-length':
      return `${details.what} must be ${details.expected} bytes, got ${details.actual}`;
  }
}
