/** What the tests of every package share. Private: never a dependency of a published package. */
export { hostileBytes, mutateBytes } from './hostile.js';
export { propertyRuns, type SeededRandom, seededRandom } from './random.js';
export {
  loadVectors,
  packageFolder,
  unreadVectorFiles,
  type VectorCase,
  type VectorFields,
} from './vectors.js';
