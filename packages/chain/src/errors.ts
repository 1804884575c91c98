/**
 * The error of this package: one class, a closed union of details, one sentence per code.
 *
 * Every decoder and `assertValid` function here throws this class and nothing else on bad input.
 */
import { isProtocolError, ProtocolError } from '@polyphony/primitives';

/** Details of {@link ChainError}. */
export type ChainErrorDetails =
  | { readonly code: 'chain/invalid-encoding'; readonly what: string; readonly reason: string }
  | { readonly code: 'chain/unsupported-version'; readonly what: string; readonly tag: string }
  | {
      readonly code: 'chain/field-not-in-version';
      readonly field: string;
      readonly version: number;
    }
  | { readonly code: 'chain/out-of-range'; readonly what: string; readonly reason: string }
  | { readonly code: 'chain/invalid-signature'; readonly reason: string }
  | {
      readonly code: 'chain/wrong-chain-id';
      readonly expected: readonly bigint[];
      readonly actual: bigint;
    }
  | { readonly code: 'chain/not-active'; readonly what: string; readonly epoch: bigint }
  | {
      readonly code: 'chain/unsigned-shard-ids';
      readonly shardId: number;
      readonly toShardId: number;
    }
  | {
      readonly code: 'chain/not-admitted';
      /** The node's words, which clients match. */
      readonly rule: string;
      readonly detail: string;
    }
  | { readonly code: 'chain/invalid-directive'; readonly reason: string }
  | { readonly code: 'chain/invalid-cross-links'; readonly reason: string }
  | { readonly code: 'chain/invalid-cross-shard-proof'; readonly reason: string }
  | { readonly code: 'chain/invalid-precompile-input'; readonly reason: string };

/**
 * Thrown by every function of `@polyphony/chain` on bad input.
 *
 * @example try { decodeHeader(bytes) } catch (error) { if (error instanceof ChainError) error.code }
 */
export class ChainError extends ProtocolError<ChainErrorDetails> {
  override readonly name = 'ChainError';

  constructor(details: ChainErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

function describe(details: ChainErrorDetails): string {
  switch (details.code) {
    case 'chain/invalid-encoding':
      return `invalid ${details.what}: ${details.reason}`;
    case 'chain/unsupported-version':
      return `${details.what} has the unsupported tag "${details.tag}"`;
    case 'chain/field-not-in-version':
      return `a version ${details.version} header has no field ${details.field}, it must be empty`;
    case 'chain/out-of-range':
      return `${details.what} ${details.reason}`;
    case 'chain/invalid-signature':
      return `invalid signature: ${details.reason}`;
    case 'chain/wrong-chain-id':
      return `chain id must be ${details.expected.join(' or ')}, got ${details.actual}`;
    case 'chain/not-active':
      return `${details.what} is not active at epoch ${details.epoch}`;
    case 'chain/unsigned-shard-ids':
      return (
        `the signature does not cover the shard ids, and these (${details.shardId} to ` +
        `${details.toShardId}) are not both the block's shard`
      );
    case 'chain/not-admitted':
      return `${details.detail}: ${details.rule}`;
    case 'chain/invalid-directive':
    case 'chain/invalid-cross-links':
    case 'chain/invalid-cross-shard-proof':
    case 'chain/invalid-precompile-input':
      return details.reason;
  }
}

/**
 * Runs a decoder and turns the errors of lower packages into {@link ChainError}
 * `chain/invalid-encoding`.
 *
 * @internal
 */
export function decoding<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ChainError || !isProtocolError(error)) throw error;
    const reason = error.message;
    throw new ChainError({ code: 'chain/invalid-encoding', what, reason }, { cause: error });
  }
}

/** Throws `chain/invalid-encoding`. @internal */
export function invalidEncoding(what: string, reason: string): never {
  throw new ChainError({ code: 'chain/invalid-encoding', what, reason });
}
