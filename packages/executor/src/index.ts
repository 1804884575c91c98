/** Applies a block to a state: accounts and tries, transactions, block building and validation. */
export { readAccountProof, readStorageProof } from './account-proof.js';
export {
  type BlockOptions,
  type BlockResult,
  type ExecutionEnvironment,
  executeBlock,
  type Finalize,
  type FinalizeInput,
  type StakingOutcome,
} from './block.js';
export {
  type BuildBlockInput,
  type BuiltBlock,
  buildBlock,
  type SkippedTransaction,
  type SkipReason,
} from './builder.js';
export {
  ExecutionError,
  type ExecutionErrorDetails,
  type InvalidTransactionReason,
  type UnsupportedExecution,
  type UnsupportedFeature,
} from './errors.js';
export {
  type BlockContext,
  type Evm,
  isPrecompile,
  type Message,
  type MessageResult,
  transferOnlyEvm,
} from './evm.js';
export type { GasPool } from './settle.js';
export {
  createStakingSession,
  type StakingEnvironment,
  type StakingSession,
} from './staking/session.js';
export {
  openStakingTables,
  type StakingTables,
  type StoredStakingTables,
  type TableChanges,
} from './staking/tables.js';
export {
  executeStakingTransaction,
  type StakingTransactionContext,
  type StakingTransactionResult,
} from './staking/transaction.js';
export {
  createStateDatabase,
  type GenesisAccountState,
  genesisState,
  openState,
  type StateDatabase,
  type StateDatabaseOptions,
} from './state/database.js';
export type { AccountProof, State, StateCommit, StateReader } from './state/state.js';
export {
  executeTransaction,
  type TransactionContext,
  type TransactionKind,
  type TransactionResult,
  transactionKind,
} from './transaction.js';
export { readProof } from './trie/proof.js';
export {
  epochAfter,
  type HeaderOptions,
  type ValidateBlockInput,
  type ValidationRules,
  validateBlock,
  validateBody,
  validateHeader,
} from './validation.js';
