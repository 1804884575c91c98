/**
 * The driver: runs the machine against the world through the ports of this module.
 */
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
