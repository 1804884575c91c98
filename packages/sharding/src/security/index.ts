/** How safe random assignment is: takeover probabilities, sizes, and measurements of the resharding. */
export type { Fraction } from '../fraction.js';
export { type JoinLeaveAttack, type JoinLeaveOutcome, simulateJoinLeave } from './join-leave.js';
export { type Mixing, type MixingQuestion, simulateMixing } from './mixing.js';
export {
  binomialTail,
  formatScientific,
  formatSignificant,
  hypergeometricTail,
  type Sampling,
} from './probability.js';
export {
  anyShard,
  attackedPart,
  committeeSizeFor,
  evictionsPerJoinNeeded,
  losingSeats,
  ONE_THIRD,
  type SizeQuestion,
  type TakeoverQuestion,
  takeoverProbability,
  yearsToFailure,
} from './takeover.js';
