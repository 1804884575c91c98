/** Fast Byzantine fault tolerance: three-phase consensus with BLS multi-signatures as a pure state machine. */
export {
  roundRobinLeaders,
  stableLeaders,
  uniformCommittee,
  weightedCommittee,
} from './committee.js';
export {
  type DecodedMessage,
  type DecodedPayload,
  type DecodedStrict,
  type DecodingOptions,
  decodePayload,
  type Undecoded,
  type WatchedVote,
} from './decoded.js';
export { FbftError, type FbftErrorDetails } from './errors.js';
export {
  isMarked,
  markAt,
  markCommit,
  markPrepare,
  markView,
  type Refusal,
  refuseCommit,
  refusePrepare,
  releaseMark,
} from './invariants.js';
export {
  MAX_BLOCK_BYTES,
  MAX_CANDIDATES,
  MAX_EARLY_BYTES,
  MAX_EARLY_MESSAGES,
  MAX_EARLY_PER_PEER,
  MAX_FAR_HEIGHT,
  MAX_FAR_VIEW,
} from './limits.js';
export { createState, isOutdated, type StepResult, step } from './machine.js';
export {
  type Certificate,
  decodeSignedMark,
  emptyMark,
  encodeSignedMark,
  type LockMark,
  type MarkedVote,
  type OwnProposal,
  type SignedMark,
} from './mark.js';
export type { NamedSeal } from './named-seal.js';
export {
  COUNTING_PHASES,
  modeName,
  NODE_MODES,
  NODE_PHASES,
  phaseName,
  QUORUM_POLICIES,
} from './names.js';
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
export {
  compat,
  compat2026,
  guarded,
  type Profile,
  strict,
} from './profile.js';
export type { DecidedSeal, Seal } from './seal.js';
export type { SignatureCheck } from './signature-check.js';
export {
  type DecisionProof,
  type Fork,
  findGuilty,
  type Guilt,
  isThird,
  type PrepareProof,
  type ProvenStatement,
  verifyDecision,
} from './strict/accountability.js';
export type { Offence } from './strict/offences.js';
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
export type {
  AggregateItem,
  Candidate,
  CarriedBlock,
  CommittedProof,
  Decision,
  EarlyMessage,
  Effect,
  IgnoreReason,
  Input,
  MachineConfig,
  MachineEvent,
  Mode,
  NamedPart,
  PeerMessage,
  Phase,
  PreparedPart,
  PreparedProof,
  ProposedBlock,
  Resend,
  ResendSlot,
  SignPlan,
  SignRequest,
  State,
  TimerName,
  VerifyItem,
  ViewChangeCause,
  ViewReport,
} from './types.js';
export {
  addBallot,
  type Ballot,
  type BallotOutcome,
  emptyTally,
  type Tally,
  weighBallot,
} from './votes.js';
export type { VotingRules } from './voting.js';
