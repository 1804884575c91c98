/** secp256k1 and keccak behind one exchangeable engine. */
export {};
