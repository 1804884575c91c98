/** What the tests of every package share, and the repository's commands. Private: never a dependency of a published package. */
export {
  type OptionValues,
  oneOf,
  orExplain,
  readOptions,
  wholeNumber,
} from './command-line.js';
export { deepFuzz } from './deep-fuzz.js';
export { codeOf, rejected, rejectedCode } from './errors.js';
export { type FuzzOptions, type FuzzReport, type FuzzTarget, fuzz, fuzzTable } from './fuzz.js';
export { hostileBytes, mutateBytes } from './hostile.js';
export { propertyRuns, type SeededRandom, seededRandom } from './random.js';
export {
  loadVectors,
  packageFolder,
  unreadVectorFiles,
  type VectorCase,
  type VectorFields,
} from './vectors.js';
