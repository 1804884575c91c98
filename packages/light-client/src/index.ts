/** Follows a Harmony chain by its committees' seals and proves what is in its blocks. */
export { createLightClient } from './client.js';
export {
  type CommitteeLookup,
  committeeLookup,
  type SealingCommittee,
  sealingCommittee,
} from './committee.js';
export {
  assertValidCrossLink,
  assertValidCrossShardReceipt,
  assertValidHeaderLinks,
  type CrossLinkRules,
  type CrossShardReceiptRules,
  type CrossShardRules,
  type SpentPlace,
  verifyCrossLink,
  verifyCrossShardReceipt,
  verifyLinkedHeader,
} from './cross-shard.js';
export {
  assertValidEpochChange,
  type EpochChangeRules,
  type EpochCommittees,
  verifyEpochChange,
} from './epoch-change.js';
export {
  LightClientError,
  type LightClientErrorDetails,
  type SealFault,
  type SourceFailure,
} from './errors.js';
export type {
  LightClient,
  LightClientOptions,
  ReceiptQuestion,
  TransactionQuestion,
} from './options.js';
export type {
  Clock,
  CommitteeSource,
  HeaderSource,
  LightClientEvent,
  RequestOptions,
  SealedHeaderBytes,
} from './ports.js';
export {
  type TrieProof,
  verifyAccount,
  verifyReceipt,
  verifyReceipts,
  verifyStakingTransaction,
  verifyStorage,
  verifyTransaction,
  verifyTransactions,
} from './proofs.js';
export {
  assertFollows,
  assertNotFuture,
  assertValidHeader,
  epochAfter,
  type HeaderContext,
  type HeaderRules,
  verifyHeader,
  viewIdFloorOf,
} from './rules.js';
export {
  assertSealed,
  type RuleSet,
  type SealedBlock,
  type SealedHeader,
  type SealRules,
  sealedByChildren,
  sealOfParent,
  sealPayload,
  type VerifiedHeader,
  verifyBlockSeal,
} from './seal.js';
export { listHeaderSource } from './sources.js';
export { type Checkpoint, type CheckpointInput, trustCheckpoint } from './trust.js';
export { assertValidVrf, type VrfHeader, type VrfRules, verifyHeaderVrf } from './vrf.js';
