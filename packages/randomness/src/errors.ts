/** Errors of this package: one class, a closed union of details. */
import { ProtocolError } from '@polyphony/primitives';

/** Details of {@link RandomnessError}. */
export type RandomnessErrorDetails =
  | {
      readonly code: 'randomness/invalid-length';
      readonly what: string;
      readonly expected: number;
      readonly actual: number;
    }
  | {
      readonly code: 'randomness/out-of-range';
      readonly what: string;
      readonly least: number;
      readonly most: number;
      readonly actual: number;
    }
  | {
      /** Bytes that are no reduced form of the discriminant. */
      readonly code: 'randomness/invalid-form';
      readonly reason: string;
    }
  | {
      /** The caller's signal stopped an evaluation. */
      readonly code: 'randomness/aborted';
    }
  | {
      /** The thread that evaluates ended without an answer. */
      readonly code: 'randomness/worker-failed';
      readonly reason: string;
    }
  | {
      /** An input that the beacon does not take in its present phase. */
      readonly code: 'randomness/invalid-contribution';
      readonly reason: string;
    };

/** Thrown on bad input. */
export class RandomnessError extends ProtocolError<RandomnessErrorDetails> {
  override readonly name = 'RandomnessError';

  constructor(details: RandomnessErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: RandomnessErrorDetails): string {
  switch (details.code) {
    case 'randomness/invalid-length':
      return `${details.what} must be ${details.expected} bytes, got ${details.actual}`;
    case 'randomness/out-of-range':
      return `${details.what} must be a whole number from ${details.least} to ${details.most}, got ${details.actual}`;
    case 'randomness/invalid-form':
      return `not a reduced form: ${details.reason}`;
    case 'randomness/aborted':
      return 'the evaluation was stopped';
    case 'randomness/worker-failed':
      return `the evaluating thread failed: ${details.reason}`;
    case 'randomness/invalid-contribution':
      return `the beacon does not take this: ${details.reason}`;
  }
}
