/** An ordered key-value port with atomic batches, in memory or on disk. */
export {};
