/** Keys, mnemonics, keystores and transaction signing for Harmony accounts. */
export {};
