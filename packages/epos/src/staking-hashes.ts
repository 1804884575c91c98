/**
 * The hashes by which staking marks accounts and logs: topics and storage places.
 *
 * @source harmony/staking/params.go
 */
import { bytesToHex, type Hash, keccak256, utf8ToBytes } from '@polyphony/primitives';

function hashOf(text: string): Hash {
  return bytesToHex(keccak256(utf8ToBytes(text)));
}

/** What staking writes into logs and into the storage of a validator's account. */
export interface StakingHashes {
  /** Topic of the log of collected rewards. */
  readonly collectRewardsTopic: Hash;
  /** Topic of the log of a delegation out of locked tokens. */
  readonly delegateTopic: Hash;
  /** Defined by the node, written nowhere. */
  readonly undelegateTopic: Hash;
  /** Storage place that marks a validator ... */
  readonly validatorPlace: Hash;
  /** ... when it holds this value. */
  readonly validatorMark: Hash;
  /** Storage place of the first election epoch, 32 bytes big-endian. */
  readonly firstElectionEpochPlace: Hash;
}

/**
 * The hashes of staking.
 *
 * @source harmony/staking/params.go
 */
export const STAKING_HASHES: StakingHashes = {
  collectRewardsTopic: hashOf('Harmony/CollectRewards'),
  delegateTopic: hashOf('Harmony/Delegate'),
  undelegateTopic: hashOf('Harmony/UnDelegate'),
  validatorPlace: hashOf('Harmony/IsValidator/Key/v1'),
  validatorMark: hashOf('Harmony/IsValidator/Value/v1'),
  firstElectionEpochPlace: hashOf('Harmony/FirstElectionEpoch/Key/v1'),
};
