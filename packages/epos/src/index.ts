/** The staking economy of Harmony as pure functions: auction, effective stake, delegations, rewards and slashing. */
export { EposError, type EposErrorDetails } from './errors.js';
