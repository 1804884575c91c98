/**
 * What can go wrong when a block meets a state: one class, a closed union, stable codes.
 *
 * A block or transaction that breaks a rule, a rule that this package does not execute, and a state
 * that lacks data are three different things; the code says which.
 */
import { type Address, type Hash, ProtocolError } from '@polyphony/primitives';

/** Why a transaction cannot be in a block at all. A contract that fails is no such reason. */
export type InvalidTransactionReason =
  | 'nonce-too-low'
  | 'nonce-too-high'
  | 'insufficient-funds-for-gas'
  | 'insufficient-funds-for-value'
  | 'block-gas-exceeded'
  | 'intrinsic-gas-too-low'
  | 'wrong-shard'
  | 'invalid-sender'
  /** A directive that breaks a rule of staking; `text` has the node's words. */
  | 'staking-refused';

/** What a block may hold that this package does not execute. */
export type UnsupportedFeature =
  | 'cross-shard-transaction'
  | 'staking-transaction'
  | 'incoming-receipt'
  | 'cross-link'
  | 'slash-record'
  | 'balance-migration';

/** What the transfer-only EVM meets and cannot run. */
export type UnsupportedExecution = 'contract-creation' | 'contract-call' | 'precompile-call';

/** Details of {@link ExecutionError}. */
export type ExecutionErrorDetails =
  | { readonly code: 'executor/missing-node'; readonly hash: Hash }
  | { readonly code: 'executor/corrupt-node'; readonly hash: Hash; readonly reason: string }
  | { readonly code: 'executor/missing-code'; readonly hash: Hash }
  | { readonly code: 'executor/corrupt-table'; readonly what: string; readonly reason: string }
  | { readonly code: 'executor/invalid-proof'; readonly reason: string }
  | { readonly code: 'executor/unknown-snapshot'; readonly snapshot: number }
  | { readonly code: 'executor/out-of-range'; readonly what: string; readonly reason: string }
  | {
      readonly code: 'executor/execution-unsupported';
      readonly what: UnsupportedExecution;
      readonly to: Address | undefined;
    }
  | {
      readonly code: 'executor/not-supported';
      readonly what: UnsupportedFeature;
      /** What would have to exist to execute it. */
      readonly needs: string;
    }
  | {
      readonly code: 'executor/invalid-transaction';
      readonly reason: InvalidTransactionReason;
      /** What the rule compares: amounts in atto, gas, nonces or shard ids; absent for a bad signature. */
      readonly expected?: bigint;
      readonly actual?: bigint;
      /** What the rule says, where it compares no figures. */
      readonly text?: string;
    }
  | {
      readonly code: 'executor/transaction-failed';
      /** Place in the block. */
      readonly index: number;
      readonly reason: string;
    }
  | { readonly code: 'executor/refused-block'; readonly hash: Hash }
  | {
      readonly code: 'executor/future-block';
      /** Seconds since 1970; a later check of the same block may pass. */
      readonly latest: bigint;
      readonly actual: bigint;
    }
  | {
      readonly code: 'executor/mismatch';
      /** Field of the header, or list of the body. */
      readonly field: string;
      readonly expected: string;
      readonly actual: string;
    };

/** Thrown by every function of `@polyphony/executor` on bad input. */
export class ExecutionError extends ProtocolError<ExecutionErrorDetails> {
  override readonly name = 'ExecutionError';

  constructor(details: ExecutionErrorDetails, options?: ErrorOptions) {
    super(details, describe(details), options);
  }
}

const TRANSACTION_REASONS: Readonly<Record<InvalidTransactionReason, string>> = {
  'nonce-too-low': 'nonce is too low',
  'nonce-too-high': 'nonce is too high',
  'insufficient-funds-for-gas': 'balance does not cover gas limit times gas price',
  'insufficient-funds-for-value': 'balance does not cover the value',
  'block-gas-exceeded': 'gas limit is above the gas left in the block',
  'intrinsic-gas-too-low': 'gas limit is below the intrinsic gas',
  'wrong-shard': 'transaction belongs to another shard',
  'invalid-sender': 'sender cannot be recovered',
  'staking-refused': 'the directive is refused',
};

function describe(details: ExecutionErrorDetails): string {
  switch (details.code) {
    case 'executor/missing-node':
      return `the store has no trie node ${details.hash}`;
    case 'executor/corrupt-node':
      return `trie node ${details.hash} is damaged: ${details.reason}`;
    case 'executor/missing-code':
      return `the store has no code ${details.hash}`;
    case 'executor/corrupt-table':
      return `the stored ${details.what} is damaged: ${details.reason}`;
    case 'executor/invalid-proof':
      return `invalid proof: ${details.reason}`;
    case 'executor/unknown-snapshot':
      return `snapshot ${details.snapshot} does not exist or was reverted`;
    case 'executor/out-of-range':
      return `${details.what} ${details.reason}`;
    case 'executor/execution-unsupported':
      return `this EVM only transfers values: ${details.what} ${
        details.to === undefined ? '' : `to ${details.to} `
      }needs an EVM that runs code`;
    case 'executor/not-supported':
      return `${details.what} is not executed: it needs ${details.needs}`;
    case 'executor/invalid-transaction': {
      const { reason, expected, actual } = details;
      const text = details.text ?? TRANSACTION_REASONS[reason];
      return expected === undefined ? text : `${text}: expected ${expected}, got ${actual}`;
    }
    case 'executor/transaction-failed':
      return `transaction ${details.index} cannot be in the block: ${details.reason}`;
    case 'executor/refused-block':
      return `block ${details.hash} is refused by its hash`;
    case 'executor/future-block':
      return `block time ${details.actual} is after ${details.latest}`;
    case 'executor/mismatch':
      return `${details.field} must be ${details.expected}, got ${details.actual}`;
  }
}

/** Throws `executor/mismatch` when two values differ. @internal */
export function assertSame<T extends bigint | number | string | boolean>(
  field: string,
  expected: T,
  actual: T,
): void {
  if (expected !== actual) {
    throw new ExecutionError({
      code: 'executor/mismatch',
      field,
      expected: String(expected),
      actual: String(actual),
    });
  }
}
