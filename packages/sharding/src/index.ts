/** Committees of the shards: who sits in them and why, their bytes and hashes, voting power, quorum and leaders. */
export {
  type AssignedState,
  type AssignedStateInput,
  assignedShardState,
  assignmentOf,
  shardStateOf,
  type Winner,
} from './assigned-shard-state.js';
export {
  electedShardState,
  genesisShardState,
  nextShardState,
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
export type { ReshardingParameters } from './deal.js';
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
  viewGap,
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
  type AssignedShard,
  type Assignment,
  defaultResharding,
  type ElectedKey,
  type Resharding,
  type ReshardingInput,
  type ReshardingSummary,
  reshard,
  type SeatMove,
} from './resharding.js';
export {
  isMigrated,
  isRetiredBy,
  type MigrationAccount,
  migrationHash,
  migrationTarget,
  type ShardReduction,
  shardReductionAfter,
} from './shard-reduction.js';
export {
  computeShardStateHash,
  computeSlotsHash,
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
export { PAPER_SHARES_PER_SHARD, type VotingShares, votingShares } from './voting-shares.js';
