/** Gossip and request/response ports, and an in-memory network with seeded faults. */
export {};
