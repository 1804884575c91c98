/** Committees of the shards: who sits in them, their bytes and hashes, voting power, quorum and leaders. */
export {
  electedShardState,
  genesisShardState,
  type Purchase,
  staticShardState,
} from './assignment.js';
export {
  BLS_PUBLIC_KEY_LENGTH,
  type Committee,
  committeeOf,
  type ShardState,
  type Slot,
  shardOfKey,
} from './committee.js';
export { ShardingError, type ShardingErrorDetails } from './errors.js';
export {
  advanceTurn,
  type LeaderChoice,
  type LeaderRule,
  type LeaderSearch,
  type LeaderTurn,
  leaderRuleAt,
  nextHeightLeader,
  nextLeader,
  operatorsOf,
  slotOfKey,
  type TurnQuestion,
  turnLength,
  type ViewChangeQuestion,
  viewChangeLeader,
} from './leader.js';
export {
  legacyHeaderQuorum,
  type QuorumPolicy,
  quorumAt,
  stakedQuorum,
  TWO_THIRDS,
  uniformQuorum,
  uniformThreshold,
  type VotingCommittee,
  votingCommittee,
} from './quorum.js';
export {
  computeShardStateHash,
  decodeShardState,
  encodeCommittee,
  encodeShardState,
  type ShardStateForm,
  shardStateForm,
} from './shard-state.js';
export {
  computeRoster,
  type Roster,
  type RosterOptions,
  type SlotPower,
  votingPower,
} from './voting-power.js';
