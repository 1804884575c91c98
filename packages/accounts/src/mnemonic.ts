/**
 * Mnemonics (BIP-39): words that hold a wallet's entropy and a checksum. They are checked before
 * anything is derived from them: a mistyped word must not become another wallet.
 *
 * @source BIP-39
 */
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39';
import { wordlist as english } from '@scure/bip39/wordlists/english.js';
import { AccountsError } from './errors.js';
import { draw, platformRandomBytes, type RandomBytes, wipe } from './secret.js';

/** Options of {@link generateMnemonic}. */
export interface GenerateMnemonicOptions {
  /** Number of words: 128, 160, 192, 224 or 256 bits of entropy. Default 24. */
  readonly words?: 12 | 15 | 18 | 21 | 24;
  /** Default the platform's generator. */
  readonly random?: RandomBytes;
  /** The 2048 words. Default English. */
  readonly wordlist?: readonly string[];
}

const ENTROPY_BYTES: Readonly<Record<number, number>> = { 12: 16, 15: 20, 18: 24, 21: 28, 24: 32 };

function invalid(reason: string): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-mnemonic', reason });
}

/**
 * A new mnemonic.
 *
 * @throws {@link AccountsError} `accounts/invalid-mnemonic`, `accounts/invalid-option`.
 * @source BIP-39, section "Generating the mnemonic"
 * @example generateMnemonic({ words: 12 })
 */
export function generateMnemonic(options: GenerateMnemonicOptions = {}): string {
  const words = options.words ?? 24;
  const length = ENTROPY_BYTES[words];
  if (length === undefined)
    throw invalid(`a mnemonic has 12, 15, 18, 21 or 24 words, got ${words}`);
  const entropy = draw(options.random ?? platformRandomBytes, length);
  try {
    return entropyToMnemonic(entropy, mutable(options.wordlist));
  } finally {
    wipe(entropy);
  }
}

/** The library's types ask for a mutable array; it does not write to it. */
function mutable(wordlist: readonly string[] = english): string[] {
  return wordlist as string[];
}

/**
 * A mnemonic as it is hashed: Unicode form NFKD, lower case, one space between words.
 *
 * @throws {@link AccountsError} `accounts/invalid-mnemonic` for a wrong number of words, a word
 * that is not in the list or a wrong checksum. The message names none of the words.
 */
export function parseMnemonic(text: string, wordlist?: readonly string[]): string {
  if (typeof text !== 'string') throw new TypeError('mnemonic must be a string');
  if (text.length > 1024) throw invalid('a mnemonic is at most 1,024 characters');
  const list = mutable(wordlist);
  const words = text.normalize('NFKD').trim().toLowerCase().split(/\s+/u);
  if (ENTROPY_BYTES[words.length] === undefined)
    throw invalid(`a mnemonic has 12, 15, 18, 21 or 24 words, got ${words.length}`);
  const known = new Set(list.map((word) => word.normalize('NFKD')));
  const unknown = words.findIndex((word) => !known.has(word));
  if (unknown >= 0) throw invalid(`word ${unknown + 1} is not in the word list`);
  const mnemonic = words.join(' ');
  try {
    wipe(mnemonicToEntropy(mnemonic, list));
  } catch {
    throw invalid('the checksum of the mnemonic is wrong');
  }
  return mnemonic;
}

/** Whether a text is a mnemonic of the list; never throws. */
export function isMnemonic(text: string, wordlist?: readonly string[]): boolean {
  try {
    parseMnemonic(text, wordlist);
    return true;
  } catch {
    return false;
  }
}

/**
 * The 64-byte seed of a mnemonic. The caller wipes it.
 *
 * @param passphrase - The optional further word of BIP-39; another one gives another wallet.
 * @throws {@link AccountsError} `accounts/invalid-mnemonic`.
 * @source BIP-39, section "From mnemonic to seed"
 */
export function mnemonicToSeed(
  mnemonic: string,
  passphrase = '',
  wordlist?: readonly string[],
): Uint8Array {
  return mnemonicToSeedSync(parseMnemonic(mnemonic, wordlist), passphrase);
}
