/** What the two sides of a thread say to each other. */
import type { BlsOptions, BlsSuite } from '../bls.js';
import type { BlsErrorDetails } from '../errors.js';

/** Which engine a thread computes with. */
export type ThreadEngine = 'blst' | 'mcl-wasm' | 'noble';

/** What a thread is asked. Lists of keys and signatures come as one array, one after the other. */
export type ThreadJob =
  | {
      readonly type: 'open';
      readonly engine: ThreadEngine;
      readonly suite: BlsSuite;
      readonly options: BlsOptions;
    }
  | { readonly type: 'hold-key'; readonly secretKey: Uint8Array }
  | { readonly type: 'sign'; readonly publicKey: Uint8Array; readonly message: Uint8Array }
  | {
      readonly type: 'find-invalid';
      readonly message: Uint8Array;
      readonly publicKeys: Uint8Array;
      readonly signatures: Uint8Array;
      readonly weights: Uint8Array;
    }
  | { readonly type: 'aggregate-signatures'; readonly signatures: Uint8Array };

/** What a job comes to. */
export type ThreadValue = Uint8Array | readonly number[] | undefined;

/** Answer to one job. A thread is sent lists of jobs, and sends lists of answers in the same order. */
export type ThreadReply =
  | { readonly type: 'done'; readonly value: ThreadValue }
  | { readonly type: 'refused'; readonly details: BlsErrorDetails }
  | { readonly type: 'failed'; readonly reason: string };
