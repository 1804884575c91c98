/** Harmony networks as values: chain ids, activation epochs, sharding schedule and genesis committees. */
export {};
