/** What the two sides of a thread say to each other. */
import type { RandomnessErrorDetails } from '../errors.js';
import type { VdfProgress } from '../vdf/evaluate.js';
import type { VdfInput } from '../vdf/statement.js';

/** What a thread is asked: one at a time. */
export type VdfJob =
  | {
      readonly type: 'evaluate';
      readonly input: VdfInput;
      readonly arithmetic: 'bigint' | 'gmp';
      readonly discriminant: bigint | undefined;
      readonly checkpoint: Uint8Array | undefined;
      readonly checkpointEvery: number | undefined;
      readonly wantsProgress: boolean;
      /** One 32-bit word that is 1 when the caller wants no more. */
      readonly stop: SharedArrayBuffer;
    }
  | {
      readonly type: 'verify';
      readonly input: VdfInput;
      readonly discriminant: bigint | undefined;
      readonly result: Uint8Array;
    }
  | { readonly type: 'derive-discriminant'; readonly seed: Uint8Array; readonly bits: number };

/** What a job comes to. */
export type VdfValue = Uint8Array | boolean | bigint;

/** What a thread says: progress any number of times, then one of the others. */
export type VdfReply =
  | { readonly type: 'progress'; readonly progress: VdfProgress }
  | { readonly type: 'done'; readonly value: VdfValue }
  | { readonly type: 'refused'; readonly details: RandomnessErrorDetails }
  | { readonly type: 'failed'; readonly reason: string };
