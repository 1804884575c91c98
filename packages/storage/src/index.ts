/** An ordered key-value port with atomic batches, and a store in memory. */
export { StorageError, type StorageErrorDetails } from './errors.js';
export { memoryStore } from './memory.js';
export type {
  BatchOperation,
  DeleteOperation,
  KeyRange,
  KeyValueStore,
  PutOperation,
  WriteOptions,
} from './port.js';
export { prefixedStore } from './prefixed.js';
