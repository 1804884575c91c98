/**
 * Gas that depends only on bytes, the block gas limit and how fees are split.
 *
 * Not here: gas that execution uses.
 *
 * @source harmony/core/vm/gas.go: IntrinsicGas; core/block_validator.go: CalcGasLimit;
 * core/state_transition.go: collectGas
 */
import { type FeeCollector, isActive, type Network } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { ChainError } from './errors.js';
import { MAX_U64, uintField } from './fields.js';

/** What an intrinsic gas computation looks at. */
export interface IntrinsicGasInput {
  /** Call data; for a staking transaction the RLP of its message. */
  readonly data: Uint8Array;
  readonly kind: 'call' | 'contract-creation' | 'create-validator';
}

/** Which gas prices hold. */
export interface IntrinsicGasRules {
  /** Contract creation costs 53000 instead of 21000. */
  readonly s3: boolean;
  /** A byte that is not zero costs 16 instead of 68. */
  readonly istanbul: boolean;
}

/** The rules of an epoch. @activation `s3`, `istanbul` */
export function intrinsicGasRules(network: Network, epoch: bigint): IntrinsicGasRules {
  return {
    s3: isActive(network, 's3', epoch),
    istanbul: isActive(network, 'istanbul', epoch),
  };
}

const START_GAS = {
  call: 21_000n,
  'contract-creation': 53_000n,
  'create-validator': 5_300_000n,
} as const;

/**
 * Gas that a transaction costs before anything runs.
 *
 * @source harmony/core/vm/gas.go: IntrinsicGas
 */
export function computeIntrinsicGas(input: IntrinsicGasInput, rules: IntrinsicGasRules): bigint {
  let zeros = 0;
  for (const byte of input.data) if (byte === 0) zeros++;
  const start =
    input.kind === 'contract-creation' && !rules.s3 ? START_GAS.call : START_GAS[input.kind];
  const perByte = rules.istanbul ? 16n : 68n;
  return start + BigInt(zeros) * 4n + BigInt(input.data.length - zeros) * perByte;
}

/** Gas bounds between which block limits move. */
export interface GasBounds {
  readonly floor: bigint;
  readonly ceil: bigint;
}

/**
 * Bounds of an epoch: 80 million, or 30 million from `blockGas30M`, up to 120 million.
 *
 * @source harmony/node/harmony/worker/worker.go: New, GasFloor
 */
export function gasBoundsAt(network: Network, epoch: bigint): GasBounds {
  const floor = isActive(network, 'blockGas30M', epoch) ? 30_000_000n : 80_000_000n;
  return { floor, ceil: 120_000_000n };
}

const MIN_GAS_LIMIT = 5_000n;
const BOUND_DIVISOR = 1_024n;

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/**
 * Gas limit that a proposer gives the block after `parent`. Nothing checks it, and blocks of 2019
 * carry other values: read it from the header, never recompute it for old blocks.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/block_validator.go: CalcGasLimit
 */
export function computeGasLimit(
  parent: { readonly gasLimit: bigint; readonly gasUsed: bigint },
  bounds: GasBounds,
): bigint {
  const parentLimit = uintField(parent.gasLimit, 64, 'gasLimit');
  const parentUsed = uintField(parent.gasUsed, 64, 'gasUsed');
  const contribution = (parentUsed + parentUsed / 2n) / BOUND_DIVISOR;
  // The node's unsigned arithmetic would wrap below a limit of 1024, which no chain reaches.
  const decay = max(parentLimit / BOUND_DIVISOR - 1n, 0n);
  const limit = max(parentLimit - decay + contribution, MIN_GAS_LIMIT);
  if (limit < bounds.floor) return min(parentLimit + decay, bounds.floor);
  if (limit > bounds.ceil) return max(parentLimit - decay, bounds.ceil);
  return min(limit, MAX_U64);
}

const DEC_UNIT = 10n ** 18n;

/** What becomes of a fee. */
export interface FeeSplit {
  /** In the order of the collectors; atto. */
  readonly payments: readonly { readonly address: Address; readonly amount: bigint }[];
  /** What nobody receives: the whole fee without collectors, else what truncation leaves. */
  readonly burnt: bigint;
}

/**
 * Splits a fee among collectors, each share truncated to whole atto.
 *
 * @param fee - Gas used times gas price, atto.
 * @throws {@link ChainError} `chain/out-of-range` for a fee above 256 bits or shares above one.
 * @source harmony/core/state_transition.go: collectGas
 */
export function splitFee(fee: bigint, collectors: readonly FeeCollector[]): FeeSplit {
  uintField(fee, 256, 'fee');
  let burnt = fee;
  const payments = collectors.map(({ address, share }) => {
    const amount = (share * fee) / DEC_UNIT;
    burnt -= amount;
    return { address, amount };
  });
  if (burnt < 0n) {
    const reason = 'must not be above one in sum';
    throw new ChainError({ code: 'chain/out-of-range', what: 'fee shares', reason });
  }
  return { payments, burnt };
}
