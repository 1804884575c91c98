/** The staking economy of Harmony as pure functions: auction, effective stake, delegations, rewards and slashing. */
export { EposError, type EposErrorDetails, type RefusalCode } from './errors.js';
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
