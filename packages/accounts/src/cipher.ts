/**
 * AES, loaded when a key file is first read or written: its tables take longer to set up than the
 * rest of this package, and most users of accounts never open a file.
 */

/** The ciphers of key files. */
export type Cipher = typeof import('./aes.js');

/** The ciphers; the platform loads them once. */
export function loadCipher(): Promise<Cipher> {
  return import('./aes.js');
}
