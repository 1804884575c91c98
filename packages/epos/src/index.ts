/** The staking economy of Harmony as pure functions: auction, effective stake, delegations, rewards and slashing. */
export {
  accumulateRewards,
  type CarriedSeals,
  type RewardContext,
  type RewardPayment,
  type SealedBlock,
} from './accumulate-rewards.js';
export {
  type AddedReward,
  addReward,
  type DelegatorShares,
  delegatorShares,
  type RewardShare,
} from './add-reward.js';
export { applyDirective } from './apply-directive.js';
export { applySlashes, orderSlashes, type SlashContext } from './apply-slashes.js';
export {
  type AprEntry,
  appendApr,
  computeApr,
  type EarningPeriod,
  expectedReturn,
  expectedYearlyReward,
} from './apr.js';
export {
  type AuctionResult,
  effectiveStake,
  medianStake,
  runAuction,
  type SlotOrder,
  stakeBoundAt,
  type Winner,
} from './auction.js';
export {
  assessSigning,
  idleCounts,
  markAvailability,
  type SigningAssessment,
  signingOf,
  signingWindow,
} from './availability.js';
export {
  blockReward,
  type EmissionSplit,
  issuanceCap,
  paysRewards,
  preStakingShares,
  recoveryCredit,
  splitEmission,
} from './block-reward.js';
export { collectRewards } from './collect-rewards.js';
export {
  applyElection,
  type ElectionOutcome,
  isPromotionOver,
  minCommissionRateAt,
  raiseMaxRate,
  raiseToMinCommission,
} from './commission.js';
export {
  type CompoundingChoice,
  type CompoundingChoices,
  chooseCompounding,
  compoundingPlace,
  compoundRewards,
} from './compounding.js';
export { type Fraction, giniCoefficient, nakamotoCoefficient } from './concentration.js';
export { createValidator } from './create-validator.js';
export { delegate, minDelegationAt, undelegate } from './delegate.js';
export {
  assertConsistentTables,
  decodeDelegationIndex,
  encodeDelegationIndex,
  indexDirectives,
  type TableAdditions,
} from './delegation-index.js';
export { fineDowntime } from './downtime.js';
export {
  type EconomyStart,
  type EconomyState,
  type EconomyTotals,
  startEconomy,
} from './economy-state.js';
export { applyEdit, editValidator } from './edit-validator.js';
export {
  type Candidate,
  type Election,
  type ElectionContext,
  electionCandidates,
  holdElection,
  isEligible,
  prepareOrders,
} from './election.js';
export { EposError, type EposErrorDetails, REFUSAL_TEXTS, type RefusalCode } from './errors.js';
export { type BlockEnd, type EpochEnd, endEpoch, finishBlock } from './finish-block.js';
export { type Flush, flushWrappers } from './flush.js';
export {
  COMMON_YEAR_SECONDS,
  type EmissionRate,
  type EpochRange,
  emission,
  emissionRate,
  type Issuance,
  issuance,
  JULIAN_YEAR_SECONDS,
  netIssuance,
  type TokenFlows,
  yearlyIssuance,
} from './issuance.js';
export {
  createStakingLedger,
  type LedgerData,
  type LedgerStart,
  type StakingLedger,
} from './ledger.js';
export {
  type CrossLinkPayout,
  crossLinkPayout,
  type PayoutRule,
  type RewardRoster,
  type RewardSlot,
  rewardRoster,
  type SlotPayout,
} from './link-reward.js';
export {
  type StakedState,
  type StakingAdjustment,
  stakedFraction,
  stakingAdjustment,
  type UtilityMetrics,
  type UtilityMetricsReply,
  utilityMetrics,
  utilityMetricsReply,
} from './network-metrics.js';
export {
  assertUniqueRegistration,
  harmonyKeysAt,
  type RegistrationContext,
  type RegistrationFields,
  type VerifyKeyProof,
} from './registration.js';
export { inSequence, type Step } from './sequence.js';
export { reduceShards } from './shard-reduction.js';
export {
  type EpochOutcome,
  type EpochPlan,
  type RefusedDirective,
  type Seat,
  type SimulatedBlock,
  simulateEpoch,
} from './simulate-epoch.js';
export {
  legacySlashRate,
  type Seizure,
  type SlashOutcome,
  type SlashRule,
  slashDelegations,
  slashDelegationsLegacy,
  slashShare,
  takeDebt,
} from './slash.js';
export {
  assertValidEvidence,
  assertValidSlashes,
  type EvidenceContext,
} from './slash-evidence.js';
export { stakedValidators } from './staked-validators.js';
export { STAKING_HASHES, type StakingHashes } from './staking-hashes.js';
export {
  genesisSupply,
  INACCESSIBLE_ACCOUNT,
  preStakingRewards,
  releasedFraction,
  type Supply,
  type SupplyState,
  supply,
} from './supply.js';
export type {
  Commission,
  Delegation,
  DelegationIndexEntry,
  ReplayMode,
  SigningCounters,
  StakingContext,
  StakingView,
  Transition,
  Undelegation,
  Validator,
  ValidatorStatus,
  ValidatorWrapper,
} from './types.js';
export {
  lockPeriodAt,
  lockTokens,
  payoutUndelegations,
  type Unlocking,
  type UnlockRule,
  unlockTokens,
} from './undelegation.js';
export { rawStakePerSlot, type StatsUpdate, updateStats } from './update-stats.js';
export {
  candidacyText,
  type KnownValidator,
  type ValidatorReport,
  validatorReport,
} from './validator-report.js';
export {
  type BootedStatus,
  decodeValidatorStats,
  EMPTY_STATS,
  encodeValidatorStats,
  type SlotVote,
  type ValidatorStats,
} from './validator-stats.js';
export {
  assertDescriptionLengths,
  assertValidValidator,
  assertValidWrapper,
  decodeValidatorWrapper,
  encodeValidatorWrapper,
  isValidWrapper,
  totalDelegation,
  totalHoldings,
} from './wrapper.js';
