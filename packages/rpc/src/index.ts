/** A typed JSON-RPC client for Harmony nodes with lossless numbers. */
export {};
