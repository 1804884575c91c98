/**
 * Keys from a mnemonic (BIP-32, BIP-44). The network's own wallets use coin type 1023; wallets
 * made for Ethereum use 60, so one mnemonic has two accounts at each index. Which of them an
 * address is can be found out here; nothing guesses silently.
 *
 * @source BIP-32; BIP-44; go-sdk/pkg/keys/mnemonic.go
 */
import { addressOfPublicKey, type Engine, nobleEngine } from '@polyphony/crypto';
import type { Address } from '@polyphony/primitives';
import { childNode, HARDENED_OFFSET, masterNode, type SecretNode, wipeNode } from './bip32.js';
import { AccountsError, invalidOption } from './errors.js';
import { mnemonicToSeed } from './mnemonic.js';
import { wipe } from './secret.js';

/** Coin type of a path: 1023 is Harmony's, 60 Ethereum's. */
export type CoinType = 1023 | 60;

/** Which key of a mnemonic is meant. */
export interface DerivationOptions {
  /** The optional further word of BIP-39. Default none. */
  readonly passphrase?: string;
  /** Default 1023. */
  readonly coinType?: CoinType;
  /** Default 0. */
  readonly index?: number;
  /** A whole path, instead of coin type and index. */
  readonly path?: string;
  /** The 2048 words. Default English. */
  readonly wordlist?: readonly string[];
}

function invalidPath(reason: string): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-path', reason });
}

function assertIndex(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= HARDENED_OFFSET)
    throw invalidPath(`an index must be a whole number below 2^31, got ${index}`);
  return index;
}

/**
 * The path of an account: `m/44'/coinType'/0'/0/index`.
 *
 * @throws {@link AccountsError} `accounts/invalid-path`.
 * @source BIP-44; go-sdk/pkg/keys/mnemonic.go
 * @example accountPath()  // "m/44'/1023'/0'/0/0"
 */
export function accountPath(coinType: CoinType = 1023, index = 0): string {
  if (coinType !== 1023 && coinType !== 60)
    throw invalidPath(`coin type must be 1023 or 60, got ${coinType}`);
  return `m/44'/${coinType}'/0'/0/${assertIndex(index)}`;
}

/** The child numbers of a path such as `m/44'/1023'/0'/0/0`. */
function parsePath(path: string): readonly number[] {
  if (typeof path !== 'string') throw new TypeError('path must be a string');
  if (path.length > 128 || !/^m(\/\d{1,10}'?){0,10}$/.test(path))
    throw invalidPath(
      "a path is m and up to ten numbers, each after a slash and with or without '",
    );
  return path
    .split('/')
    .slice(1)
    .map((part) => {
      const hardened = part.endsWith("'");
      const index = assertIndex(Number(hardened ? part.slice(0, -1) : part));
      return hardened ? index + HARDENED_OFFSET : index;
    });
}

/** Walks down from a node and clears every node in between; the given node stays. */
function descend(from: SecretNode, children: readonly number[], engine: Engine): SecretNode {
  let node = from;
  for (const child of children) {
    const next = childNode(node, child, engine);
    if (node !== from) wipeNode(node);
    node = next;
  }
  return node;
}

function masterOf(mnemonic: string, options: DerivationOptions, engine: Engine): SecretNode {
  const seed = mnemonicToSeed(mnemonic, options.passphrase, options.wordlist);
  try {
    return masterNode(seed, engine);
  } finally {
    wipe(seed);
  }
}

/**
 * The 32-byte secret key at a path of a mnemonic. The caller wipes it.
 *
 * @throws {@link AccountsError} `accounts/invalid-mnemonic`, `accounts/invalid-path`.
 * @source BIP-32, section "Private parent key to private child key"
 * @example secretKeyFromMnemonic(words, { coinType: 60, index: 1 })
 */
export function secretKeyFromMnemonic(
  mnemonic: string,
  options: DerivationOptions = {},
): Uint8Array {
  if (options.path !== undefined && (options.coinType ?? options.index) !== undefined)
    throw invalidOption('give either a path, or a coin type and an index');
  const children = parsePath(options.path ?? accountPath(options.coinType, options.index));
  const master = masterOf(mnemonic, options, nobleEngine);
  const node = descend(master, children, nobleEngine);
  const secretKey = Uint8Array.from(node.secretKey);
  wipeNode(node);
  wipeNode(master);
  return secretKey;
}

/** Where an address was found. */
export interface Derivation {
  readonly coinType: CoinType;
  readonly index: number;
  readonly path: string;
}

/** Options of {@link findDerivation}. */
export interface FindDerivationOptions {
  readonly passphrase?: string;
  /** Number of indices to look at under each coin type, 1 to 1,000. Default 20. */
  readonly indices?: number;
  readonly wordlist?: readonly string[];
  readonly engine?: Engine;
}

const COIN_TYPES: readonly CoinType[] = [1023, 60];

/**
 * Which path of a mnemonic gives an address; `undefined` when none of those looked at does.
 *
 * @throws {@link AccountsError} `accounts/invalid-mnemonic`, `accounts/invalid-option`.
 * @example findDerivation(words, address)?.coinType  // 60
 */
export function findDerivation(
  mnemonic: string,
  address: Address,
  options: FindDerivationOptions = {},
): Derivation | undefined {
  const { indices = 20, engine = nobleEngine } = options;
  if (!Number.isInteger(indices) || indices < 1 || indices > 1000)
    throw invalidOption(`indices must be a whole number from 1 to 1000, got ${indices}`);
  const master = masterOf(mnemonic, options, engine);
  const parents = COIN_TYPES.map((coinType) => ({
    coinType,
    node: descend(master, parsePath(accountPath(coinType)).slice(0, -1), engine),
  }));
  try {
    for (let index = 0; index < indices; index++) {
      for (const { coinType, node } of parents) {
        const child = childNode(node, index, engine);
        const found = addressOfPublicKey(engine.getPublicKey(child.secretKey), engine);
        wipeNode(child);
        if (found === address) return { coinType, index, path: accountPath(coinType, index) };
      }
    }
    return undefined;
  } finally {
    wipeNode(master);
    for (const { node } of parents) wipeNode(node);
  }
}
