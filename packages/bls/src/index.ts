/** BLS12-381 multi-signatures in the Harmony and the IETF ciphersuites over exchangeable engines, and the signer bitmap. */
export {};
