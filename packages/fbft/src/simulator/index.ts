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
export { REGION_LATENCY, regionLatency, type Span } from './network.js';
export { createRandom, type Random } from './random.js';
export { isDeadlocked, runSchedule, type ScheduleOptions, type Verdict } from './schedule.js';
export {
  type Faults,
  quiet,
  type SimFinalBlock,
  type SimNode,
  type Simulation,
  type SimulationOptions,
  type WritePoint,
} from './world.js';
