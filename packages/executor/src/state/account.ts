/** One account with its storage: as a state holds it in memory, and from and to the bytes of tries. */
import { type AccountRecord, decodeAccount, EMPTY_CODE_HASH, EMPTY_ROOT } from '@polyphony/chain';
import {
  bigIntToBytes,
  bytesToBigInt,
  bytesToHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  isProtocolError,
  RlpReader,
} from '@polyphony/primitives';
import { ExecutionError } from '../errors.js';
import type { NodeStore } from '../trie/nodes.js';
import { Trie } from '../trie/trie.js';

/** An account in memory. A journal entry restores its fields; replacing it restores it whole. */
export interface Account {
  /** Keccak-256 of the address: the key in the trie. */
  readonly key: Uint8Array;
  nonce: bigint;
  balance: bigint;
  codeHash: Hash;
  /** Loaded or set; undefined while it was not asked for. */
  code: Uint8Array | undefined;
  /** Whether the store may lack the code. */
  codeIsNew: boolean;
  /** The storage as of the last root. */
  storage: Trie | undefined;
  storageRoot: Hash;
  /** Slots that were read or written, with their values now. */
  readonly slots: Map<Hash, bigint>;
  /** Slots whose values the storage trie may not have yet. */
  readonly changedSlots: Set<Hash>;
}

/** An account that nobody has put there yet. */
export function absentAccount(key: Uint8Array): Account {
  return {
    key,
    nonce: 0n,
    balance: 0n,
    codeHash: EMPTY_CODE_HASH,
    code: undefined,
    codeIsNew: false,
    storage: undefined,
    storageRoot: EMPTY_ROOT,
    slots: new Map(),
    changedSlots: new Set(),
  };
}

/** What the trie keeps of an account. */
export function recordOf({ nonce, balance, storageRoot, codeHash }: Account): AccountRecord {
  return { nonce, balance, storageRoot, codeHash };
}

/** Absent, or with nonce 0, balance 0 and no code. */
export function isEmptyAccount(account: Account | undefined): boolean {
  return (
    account === undefined ||
    (account.nonce === 0n && account.balance === 0n && account.codeHash === EMPTY_CODE_HASH)
  );
}

/** A trie under a root that we trust holds nothing malformed, unless the store is damaged. */
function corrupt(key: Uint8Array, cause: unknown): never {
  if (!isProtocolError(cause)) throw cause;
  const details = { hash: bytesToHex(key), reason: cause.message } as const;
  throw new ExecutionError({ code: 'executor/corrupt-node', ...details }, { cause });
}

/** An account from its bytes in the trie. */
export function loadAccount(key: Uint8Array, encoded: Uint8Array): Account {
  try {
    return { ...absentAccount(key), ...decodeAccount(encoded) };
  } catch (cause) {
    return corrupt(key, cause);
  }
}

function decodeWord(encoded: Uint8Array, root: Hash): bigint {
  try {
    const reader = new RlpReader(encoded);
    const bytes = reader.readBytes();
    reader.assertDone('storage value');
    return bytesToBigInt(bytes);
  } catch (cause) {
    return corrupt(hexToBytes(root), cause);
  }
}

/** The storage as of the last root. */
export function storageTrie(account: Account, nodes: NodeStore): Trie {
  account.storage ??= Trie.open(nodes, account.storageRoot);
  return account.storage;
}

/** The word in a slot now. */
export function readSlot(account: Account, slot: Hash, nodes: NodeStore): bigint {
  const known = account.slots.get(slot);
  if (known !== undefined) return known;
  let value = 0n;
  if (account.storage !== undefined || account.storageRoot !== EMPTY_ROOT) {
    const encoded = storageTrie(account, nodes).get(nodes.hash(hexToBytes(slot, 32)));
    if (encoded !== undefined) value = decodeWord(encoded, account.storageRoot);
  }
  account.slots.set(slot, value);
  return value;
}

/** Brings the slots that changed into the storage, and the root up to date. */
export function updateStorage(account: Account, nodes: NodeStore): void {
  if (account.changedSlots.size === 0) return;
  let storage = storageTrie(account, nodes);
  for (const slot of account.changedSlots) {
    const value = account.slots.get(slot) ?? 0n;
    const slotKey = nodes.hash(hexToBytes(slot, 32));
    storage =
      value === 0n
        ? storage.delete(slotKey)
        : storage.put(slotKey, encodeRlp(bigIntToBytes(value)));
  }
  account.changedSlots.clear();
  account.storage = storage;
  account.storageRoot = storage.rootHash();
}
