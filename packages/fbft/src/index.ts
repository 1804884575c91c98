/** Fast Byzantine fault tolerance: three-phase consensus with BLS multi-signatures as a pure state machine. */
export {
  roundRobinLeaders,
  stableLeaders,
  uniformCommittee,
  weightedCommittee,
} from './committee.js';
export { FbftError, type FbftErrorDetails } from './errors.js';
export type {
  Application,
  Broadcast,
  CancelTimer,
  Clock,
  CommitContext,
  DoubleSign,
  EvidenceVote,
  HeadInfo,
  LeaderContext,
  LeaderSchedule,
  Proposal,
  ProposalContext,
  SignedMarkStore,
  Signer,
  SignPayload,
  SyncHint,
  ValidationContext,
  ValidationResult,
  VotingCommittee,
} from './ports.js';
export type { Seal } from './seal.js';
export {
  assertValidTiming,
  commitGrace,
  firstView,
  harmonyTiming,
  nextView,
  nextViewByClock,
  nextViewByCount,
  ownNetworkTiming,
  phaseTimeout,
  type Timing,
  type ViewAnswer,
  type ViewQuestion,
} from './timing.js';
