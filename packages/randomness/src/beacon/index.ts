/** The beacon: a committee's contributions and a delay give each epoch the seed of the next. */
export {
  type BeaconContribution,
  type BeaconField,
  decodeBeaconField,
  encodeBeaconField,
  MAX_BLOCK_CONTRIBUTIONS,
} from './field.js';
export {
  applyBeaconBlock,
  type BeaconBlock,
  type BeaconContext,
  type BeaconOffer,
  composeBeaconField,
  contribute,
  contributionInput,
  contributionMessage,
  nextBeaconEpoch,
  pendingDelay,
  startBeacon,
  verifyContribution,
  wantsContribution,
} from './machine.js';
export {
  assertValidBeaconParameters,
  type BeaconParameters,
  beaconWindows,
  requiredIterations,
} from './parameters.js';
export {
  type BeaconOutput,
  type BeaconPhase,
  type BeaconState,
  decodeBeaconState,
  encodeBeaconState,
  type SeedOrigin,
} from './state.js';
