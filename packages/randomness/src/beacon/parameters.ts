/**
 * How long a beacon's phases are and how long its delay: plain values, so that a network of short
 * epochs differs from one of long epochs in numbers only.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bigIntToBytes, concatBytes, uint32ToBytes, utf8ToBytes } from '@polyphony/primitives';
import { assertRange, RandomnessError } from '../errors.js';
import { assertDiscriminantBits } from '../vdf/discriminant.js';
import { MAX_VDF_ITERATIONS, VDF_DISCRIMINANT_BITS, type VdfInput } from '../vdf/statement.js';

/** A beacon's constants. */
export interface BeaconParameters {
  /** The network's chain id: no value of one network serves another. */
  readonly chainId: bigint;
  /** The shard whose committee runs the beacon. */
  readonly shardId: number;
  /** Blocks of an epoch, from its first, in which contributions are taken. */
  readonly contributionBlocks: number;
  /**
   * Blocks of an epoch, from its first, by which the delayed value must have been committed. At least
   * two more than `contributionBlocks`, and at most one less than the epoch has, so that its last
   * block can name committees that follow from the seed.
   */
  readonly resultBlocks: number;
  /** Squarings of the delay. */
  readonly iterations: number;
  /** Size of the delay's discriminant; 2048 unless given. Less is for tests. */
  readonly discriminantBits?: number;
}

/**
 * Checks the constants.
 *
 * @throws {@link RandomnessError} `randomness/out-of-range`.
 */
export function assertValidBeaconParameters(parameters: BeaconParameters): void {
  const { contributionBlocks, resultBlocks, iterations, shardId, chainId } = parameters;
  assertRange('shard id', shardId, 0, 0xffff_ffff);
  assertRange('chain id', Number(chainId), 0, Number.MAX_SAFE_INTEGER);
  assertRange('contribution blocks', contributionBlocks, 1, 0x7fff_ffff);
  assertRange('result blocks', resultBlocks, contributionBlocks + 2, 0x7fff_ffff);
  assertRange('iterations', iterations, 1, MAX_VDF_ITERATIONS);
  assertDiscriminantBits(parameters.discriminantBits ?? VDF_DISCRIMINANT_BITS);
}

/**
 * Phases for an epoch's length: contributions in the first half, the delay's result by the last block
 * but one.
 *
 * @param blocksPerEpoch - 5 or more.
 * @throws {@link RandomnessError} `randomness/out-of-range`.
 * @example
 * const parameters = {
 *   chainId: network.chainId, shardId: 0, iterations: network.vdfDifficulty, ...beaconWindows(16),
 * }
 */
export function beaconWindows(
  blocksPerEpoch: number,
): Pick<BeaconParameters, 'contributionBlocks' | 'resultBlocks'> {
  assertRange('blocks of an epoch', blocksPerEpoch, 5, 0x7fff_ffff);
  return {
    contributionBlocks: Math.floor(blocksPerEpoch / 2),
    resultBlocks: blocksPerEpoch - 1,
  };
}

/**
 * Squarings that take at least `windowMs` on the fastest machine that is feared: the time in which a
 * contributor may still choose, see decision 13.
 *
 * @param windowMs - From the last honest contribution to the latest block that can close the
 *   collection: turns of dishonest leaders in a row, times the length of a turn.
 * @param squaringsPerSecond - Measured on our machine.
 * @param speedUp - How many times as fast the feared machine is.
 * @throws {@link RandomnessError} `randomness/out-of-range` when it is more than a delay may have.
 */
export function requiredIterations(
  windowMs: number,
  squaringsPerSecond: number,
  speedUp: number,
): number {
  const iterations = Math.ceil((windowMs / 1000) * squaringsPerSecond * speedUp);
  assertRange('iterations', iterations, 1, MAX_VDF_ITERATIONS);
  return iterations;
}

/** The delay of a value. */
export function delayOf(seed: Uint8Array, parameters: BeaconParameters): VdfInput {
  const { iterations, discriminantBits = VDF_DISCRIMINANT_BITS } = parameters;
  return { seed, iterations, discriminantBits };
}

/** SHA-256 of a tag, the network, shard and epoch, and parts of fixed length. */
export function beaconHash(
  tag: 'genesis' | 'input' | 'combined' | 'seed' | 'fallback',
  { chainId, shardId }: BeaconParameters,
  epoch: bigint,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return sha256(
    concatBytes(
      utf8ToBytes(`polyphony/beacon/1/${tag}`),
      new Uint8Array(1),
      bigIntToBytes(chainId, 8),
      uint32ToBytes(shardId),
      bigIntToBytes(epoch, 8),
      ...parts,
    ),
  );
}

/** @throws {@link RandomnessError} `randomness/out-of-range`. */
export function assertEpoch(epoch: bigint): void {
  if (epoch < 0n || epoch >= 1n << 64n) {
    throw new RandomnessError({
      code: 'randomness/out-of-range',
      what: 'epoch',
      least: 0,
      most: 2 ** 64,
      actual: Number(epoch),
    });
  }
}
