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
      /** A discriminant given by the caller that is not of the wanted kind. */
      readonly code: 'randomness/invalid-discriminant';
      readonly bits: number;
    }
  | {
      /** Output and proof are forms of the group, but do not belong to the input. */
      readonly code: 'randomness/invalid-proof';
    }
  | {
      /** Bytes that are no checkpoint of the input. */
      readonly code: 'randomness/invalid-checkpoint';
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
      /** A block's field that the beacon does not take where it stands. */
      readonly code: 'randomness/invalid-beacon-field';
      readonly reason: string;
    }
  | {
      /** Bytes that are no state of a beacon, or a state in which a call makes no sense. */
      readonly code: 'randomness/invalid-beacon-state';
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
    case 'randomness/invalid-discriminant':
      return `the discriminant must have ${details.bits} bits and be 7 modulo 8`;
    case 'randomness/invalid-proof':
      return 'output and proof do not belong to the input';
    case 'randomness/invalid-checkpoint':
      return `not a checkpoint of this evaluation: ${details.reason}`;
    case 'randomness/aborted':
      return 'the evaluation was stopped';
    case 'randomness/worker-failed':
      return `the evaluating thread failed: ${details.reason}`;
    case 'randomness/invalid-beacon-field':
      return `the beacon does not take the block's field: ${details.reason}`;
    case 'randomness/invalid-beacon-state':
      return `wrong state of the beacon: ${details.reason}`;
  }
}

/** @throws {@link RandomnessError} `randomness/out-of-range`. */
export function assertRange(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RandomnessError({
      code: 'randomness/out-of-range',
      what,
      least,
      most,
      actual: value,
    });
  }
}

/** @throws {@link RandomnessError} `randomness/invalid-length`. */
export function assertByteLength(what: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length !== expected) {
    throw new RandomnessError({
      code: 'randomness/invalid-length',
      what,
      expected,
      actual: bytes.length,
    });
  }
}
