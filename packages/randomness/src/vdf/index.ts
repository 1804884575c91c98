/** The verifiable delay function: a result that takes long to find and moments to check. */
export type { Form, FormGroup, VdfArithmetic } from './arithmetic.js';
export { bigintArithmetic } from './class-group.js';
export { deriveDiscriminant } from './discriminant.js';
export {
  evaluateVdf,
  evaluateVdfInSlices,
  type VdfEvaluationOptions,
  type VdfProgress,
  type VdfSignal,
} from './evaluate.js';
export { decodeForm, encodeForm } from './form.js';
export {
  MAX_VDF_ITERATIONS,
  VDF_DISCRIMINANT_BITS,
  type VdfInput,
  type VdfOptions,
  vdfChallenge,
} from './statement.js';
export { assertValidVdf, vdfResultLength, verifyVdf } from './verify.js';
