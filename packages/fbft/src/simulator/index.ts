/** A deterministic simulator of the machine: virtual time, seeded faults, invariants after every step. */
export {
  decodeSimBlock,
  encodeSimBlock,
  type SimApplication,
  type SimBlock,
  type SimProposal,
  simBlocks,
  validateSimBlock,
} from './application.js';
export {
  checkState,
  checkStep,
  createRecords,
  Diverged,
  type Records,
  type RecordsContext,
  type SealedBlock,
  type SignedVote,
} from './checks.js';
export { type DrawOptions, drawPlan } from './draw.js';
export { type Injection, inject } from './inject.js';
export { REGION_LATENCY, regionLatency, type Span } from './network.js';
export {
  describeFault,
  type FaultKind,
  type FaultPlan,
  liarsOf,
  mostLiars,
  type Plan,
  type ProfileName,
  STRATEGIES,
  type Strategy,
  type When,
} from './plan.js';
export { createRandom, type Random } from './random.js';
export {
  isDeadlocked,
  networkOf,
  type Outcome,
  profileOf,
  type RunOptions,
  runPlan,
  runSeed,
} from './run.js';
export { type ShrinkOptions, type Shrunk, shrinkPlan } from './shrink.js';
export { createSimulation } from './simulation.js';
export { swiftTiming } from './swift.js';
export { signTag, sumTags, tagKey, verifyTags } from './tag-bls.js';
export {
  type CutFrom,
  everyRound,
  exploreTwins,
  type Round,
  type TwinsOptions,
  type TwinsReport,
} from './twins.js';
export {
  type Faults,
  quiet,
  type SimFinalBlock,
  type SimNode,
  type Simulation,
  type SimulationOptions,
  type WritePoint,
} from './world.js';
