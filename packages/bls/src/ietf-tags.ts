/**
 * The two domain tags of the IETF proof-of-possession scheme with signatures in G2. They keep a
 * signature over data and a proof of possession apart even when the bytes are equal.
 */

/** The domain tag of messages. @source draft-irtf-cfrg-bls-signature-05 section 4.2.3 */
export const IETF_MESSAGE_TAG = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
/** The domain tag of proofs of possession. @source draft-irtf-cfrg-bls-signature-05 section 4.2.3 */
export const IETF_POSSESSION_TAG = 'BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
