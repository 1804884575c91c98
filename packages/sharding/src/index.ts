/** Committees of the shards: codecs, hashes, voting power and quorum. */
export {};
