/** The two AES modes of key files, and nothing else of the library, so that a bundle has no more. */
export { ctr, gcm } from '@noble/ciphers/aes.js';
