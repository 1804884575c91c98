/** Everything a Harmony shard hashes, signs or stores: headers, blocks, transactions, receipts and their roots. */
export {};
