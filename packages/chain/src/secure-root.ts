/**
 * Root of a whole map in one pass: the state of accounts, and the storage of one.
 *
 * Keys are hashed before they enter the trie. Slow but simple next to a stored trie, so it is the
 * measure for one. Not here: reading, changing or storing a state.
 *
 * @source Ethereum yellow paper, section 4.1; go-ethereum 1.11.2 trie/secure_trie.go
 */
import {
  type Address,
  bigIntToBytes,
  compareBytes,
  encodeRlp,
  type Hash,
  openRlpList,
} from '@polyphony/primitives';
import { ChainError, decoding } from './errors.js';
import { hexField, readHash, uintField } from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { computeSortedTrieRoot, EMPTY_ROOT, type TrieEntry, toNibbles } from './trie-root.js';

/** Code hash of an account without code: Keccak-256 of nothing. */
export const EMPTY_CODE_HASH: Hash =
  '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';

/** An account as its trie holds it. */
export interface AccountRecord {
  readonly nonce: bigint;
  /** Atto. */
  readonly balance: bigint;
  readonly storageRoot: Hash;
  readonly codeHash: Hash;
}

/**
 * `[nonce, balance, storageRoot, codeHash]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function encodeAccount(account: AccountRecord): Uint8Array {
  return encodeRlp([
    uintField(account.nonce, 64, 'nonce'),
    uintField(account.balance, 256, 'balance'),
    hexField(account.storageRoot, 32, 'storageRoot'),
    hexField(account.codeHash, 32, 'codeHash'),
  ]);
}

/** @throws {@link ChainError} `chain/invalid-encoding`. */
export function decodeAccount(bytes: Uint8Array): AccountRecord {
  return decoding('account', () => {
    const list = openRlpList(bytes);
    const account: AccountRecord = {
      nonce: list.readBigInt(64),
      balance: list.readBigInt(),
      storageRoot: readHash(list),
      codeHash: readHash(list),
    };
    list.assertDone('account');
    return account;
  });
}

/** Entries of a secure trie, sorted. @internal */
export function secureEntries(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  hasher: Hasher,
): TrieEntry[] {
  const sorted: TrieEntry[] = [];
  for (const [key, value] of entries) {
    if (value.length === 0) {
      throw new ChainError({
        code: 'chain/out-of-range',
        what: 'trie value',
        reason: 'must not be empty',
      });
    }
    sorted.push({ path: toNibbles(hasher.keccak256(key)), value });
  }
  sorted.sort((a, b) => compareBytes(a.path, b.path));
  for (let i = 1; i < sorted.length; i++) {
    if (compareBytes(sorted[i - 1]!.path, sorted[i]!.path) === 0) {
      throw new ChainError({
        code: 'chain/out-of-range',
        what: 'trie key',
        reason: 'must not occur twice',
      });
    }
  }
  return sorted;
}

/**
 * Root of the trie in which each key is hashed; {@link EMPTY_ROOT} for no entries.
 *
 * @throws {@link ChainError} `chain/out-of-range` for an empty value or a key that occurs twice.
 */
export function computeSecureRoot(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  hasher: Hasher = defaultHasher,
): Hash {
  return computeSortedTrieRoot(secureEntries(entries, hasher), hasher);
}

/**
 * Root of the storage of one account. Keys are 32 bytes; values are integers, zero ones are left out.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function computeStorageRoot(
  slots: Iterable<readonly [slot: Hash, value: bigint]>,
  hasher: Hasher = defaultHasher,
): Hash {
  const entries: [Uint8Array, Uint8Array][] = [];
  for (const [slot, value] of slots) {
    if (value === 0n) continue;
    const bytes = bigIntToBytes(uintField(value, 256, 'storage value'));
    entries.push([hexField(slot, 32, 'storage slot'), encodeRlp(bytes)]);
  }
  return computeSecureRoot(entries, hasher);
}

/** An account for {@link computeAccountRoot}: what is left out is empty. */
export interface AccountEntry {
  readonly address: Address;
  readonly nonce?: bigint;
  readonly balance?: bigint;
  readonly storageRoot?: Hash;
  readonly codeHash?: Hash;
}

/**
 * State root over accounts. Empty accounts are not left out: pass only those that exist.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @example computeAccountRoot([{ address, balance: 10n ** 18n }])
 */
export function computeAccountRoot(
  accounts: Iterable<AccountEntry>,
  hasher: Hasher = defaultHasher,
): Hash {
  const entries: [Uint8Array, Uint8Array][] = [];
  for (const account of accounts) {
    entries.push([
      hexField(account.address, 20, 'address'),
      encodeAccount({
        nonce: account.nonce ?? 0n,
        balance: account.balance ?? 0n,
        storageRoot: account.storageRoot ?? EMPTY_ROOT,
        codeHash: account.codeHash ?? EMPTY_CODE_HASH,
      }),
    ]);
  }
  return computeSecureRoot(entries, hasher);
}
