/** Errors of this package: one class, a closed union of details. */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link RandomnessError}. */
export type RandomnessErrorDetails = {
  readonly code: 'randomness/invalid-length';
  readonly what: 'parent hash' | 'VRF field';
  readonly expected: number;
  readonly actual: number;
};

/** Thrown on bad input. */
export class RandomnessError extends ProtocolError<RandomnessErrorDetails> {
  override readonly name = 'RandomnessError';

  constructor(details: RandomnessErrorDetails, options?: ErrorOptions) {
    super(
      details,
      `${details.what} must be ${details.expected} bytes, got ${details.actual}`,
      options,
    );
  }
}
