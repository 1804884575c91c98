/**
 * What this package throws: one class, a closed union of details, one sentence per code.
 *
 * A header, proof or answer that breaks a rule names the rule. Who is to blame for it, and what to
 * do next, is decided in the client.
 */
import { type Hash, isProtocolError, ProtocolError } from '@polyphony/primitives';

/** Why the seal of a header or link does not hold. */
export type SealFault =
  /** The signature is not 96 bytes, or the point at infinity. */
  | 'signature-form'
  /**
   * The bitmap has another length than the committee needs, or bits past its last member; under
   * consensus version 2 also: no view stands behind it.
   */
  | 'bitmap-form'
  /** Consensus version 2: the votes were cast in a view before the block's own. */
  | 'early-view'
  /** The signers are not enough. */
  | 'no-quorum'
  /** The signers' keys do not verify the signature over the payload. */
  | 'wrong-signature';

/** What one source did wrong in a round. */
export interface SourceFailure {
  /** The source's name. */
  readonly source: string;
  readonly error: LightClientError;
}

/** Details of {@link LightClientError}. */
export type LightClientErrorDetails =
  | { readonly code: 'light-client/refused-block'; readonly hash: Hash }
  | {
      readonly code: 'light-client/invalid-header';
      readonly field: string;
      readonly expected: string;
      readonly actual: string;
    }
  | {
      readonly code: 'light-client/future-header';
      /** The latest time that would be accepted, in seconds. */
      readonly latest: bigint;
      readonly actual: bigint;
    }
  | {
      readonly code: 'light-client/invalid-seal';
      readonly number: bigint;
      readonly hash: Hash;
      readonly fault: SealFault;
    }
  | { readonly code: 'light-client/invalid-committees'; readonly reason: string }
  | {
      readonly code: 'light-client/unknown-committee';
      readonly epoch: bigint;
      readonly shardId: number;
    }
  | { readonly code: 'light-client/invalid-vrf'; readonly reason: string }
  | { readonly code: 'light-client/invalid-proof'; readonly reason: string }
  | { readonly code: 'light-client/invalid-checkpoint'; readonly reason: string }
  | {
      readonly code: 'light-client/invalid-option';
      readonly option: string;
      readonly reason: string;
    }
  | { readonly code: 'light-client/invalid-answer'; readonly reason: string }
  | { readonly code: 'light-client/timeout'; readonly afterMs: number }
  | { readonly code: 'light-client/source-failed'; readonly reason: string }
  | { readonly code: 'light-client/no-source'; readonly failures: readonly SourceFailure[] }
  | {
      readonly code: 'light-client/not-proven';
      readonly number: bigint;
      readonly head: bigint;
    }
  | { readonly code: 'light-client/invalid-store'; readonly reason: string }
  | { readonly code: 'light-client/closed' };

/**
 * Thrown by every function of this package on bad input and bad answers.
 *
 * @example
 * try { assertSealed(header, seal, committee, { bls }) }
 * catch (error) { if (error instanceof LightClientError) error.code }
 */
export class LightClientError extends ProtocolError<LightClientErrorDetails> {
  override readonly name = 'LightClientError';

  constructor(details: LightClientErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

const SEAL_FAULTS: Readonly<Record<SealFault, string>> = {
  'signature-form': 'its signature is not 96 bytes of a point other than infinity',
  'bitmap-form': 'its bitmap does not fit the committee',
  'early-view': 'its votes are of a view before the block',
  'no-quorum': 'its signers are not a quorum',
  'wrong-signature': 'its signature does not verify',
};

function describe(details: LightClientErrorDetails): string {
  switch (details.code) {
    case 'light-client/refused-block':
      return `block ${details.hash} is refused on this network`;
    case 'light-client/invalid-header':
      return `${details.field} must be ${details.expected}, got ${details.actual}`;
    case 'light-client/future-header':
      return `timestamp ${details.actual} is later than ${details.latest}, the latest that the clock allows`;
    case 'light-client/invalid-seal':
      return `the seal of block ${details.number} (${details.hash}) does not hold: ${SEAL_FAULTS[details.fault]}`;
    case 'light-client/unknown-committee':
      return `the committee of shard ${details.shardId} in epoch ${details.epoch} is not known`;
    case 'light-client/invalid-option':
      return `${details.option} ${details.reason}`;
    case 'light-client/timeout':
      return `no answer within ${details.afterMs} ms`;
    case 'light-client/no-source':
      return `no source gave what was asked: ${listFailures(details.failures)}`;
    case 'light-client/not-proven':
      return `block ${details.number} is above the proven head ${details.head}`;
    case 'light-client/closed':
      return 'the light client is closed';
    case 'light-client/invalid-committees':
    case 'light-client/invalid-vrf':
    case 'light-client/invalid-proof':
    case 'light-client/invalid-checkpoint':
    case 'light-client/invalid-answer':
    case 'light-client/source-failed':
    case 'light-client/invalid-store':
      return details.reason;
  }
}

function listFailures(failures: readonly SourceFailure[]): string {
  if (failures.length === 0) return 'none was asked';
  return failures.map(({ source, error }) => `${source}: ${error.message}`).join('; ');
}

/**
 * Runs a check and turns the errors of lower packages into this package's.
 *
 * @internal
 */
export function within<T>(details: (reason: string) => LightClientErrorDetails, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof LightClientError || !isProtocolError(cause)) throw cause;
    throw new LightClientError(details(cause.message), { cause });
  }
}

/** Whether a check passes; errors that are not about bad bytes pass through. @internal */
export function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}
