/** The verifiable delay function: a result that takes long to find and moments to check. */
export type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
export { bigintArithmetic } from './class-group.js';
export { deriveDiscriminant, VDF_DISCRIMINANT_BITS } from './discriminant.js';
export { decodeForm, encodeForm } from './form.js';
export {
  evaluateVdf,
  evaluateVdfInSlices,
  MAX_VDF_ITERATIONS,
  VDF_RESULT_LENGTH,
  type VdfInput,
  type VdfOptions,
  type VdfProgress,
  type VdfSignal,
  vdfChallenge,
  verifyVdf,
} from './proof.js';
