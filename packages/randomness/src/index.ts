/** Verifiable random functions: that of the network's headers, and one with separated domains. */
export {
  boundVrfMessage,
  boundVrfOutput,
  evaluateBoundVrf,
  verifyBoundVrf,
} from './bound-vrf.js';
export { RandomnessError, type RandomnessErrorDetails } from './errors.js';
export {
  evaluateVrf,
  VRF_FIELD_LENGTH,
  VRF_OUTPUT_LENGTH,
  verifyVrf,
  vrfField,
  vrfMessage,
  vrfOutput,
} from './vrf.js';
