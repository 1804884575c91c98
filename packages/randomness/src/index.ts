/** The verifiable random function that turns every block into unpredictable bytes. */
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
