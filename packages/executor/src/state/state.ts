/**
 * Accounts over a trie: what a transaction reads and changes, with a journal to take changes back.
 *
 * Changes live in memory until `commit` turns them into batch operations; the caller writes these
 * together with the block. The state decides when an account exists and when an empty one vanishes;
 * it does not decide what a transaction may do.
 *
 * @source harmony/core/state/statedb.go, state_object.go, journal.go; EIP-161
 */
import { type AccountRecord, EMPTY_CODE_HASH, encodeAccount } from '@polyphony/chain';
import {
  type Address,
  addressToBytes,
  bytesToHex,
  type Hash,
  hexToBytes,
} from '@polyphony/primitives';
import type { BatchOperation } from '@polyphony/storage';
import { ExecutionError } from '../errors.js';
import type { NodeStore } from '../trie/nodes.js';
import { Trie } from '../trie/trie.js';
import {
  type Account,
  absentAccount,
  isEmptyAccount,
  loadAccount,
  readSlot,
  recordOf,
  storageTrie,
  updateStorage,
} from './account.js';

const MAX_U64 = 2n ** 64n - 1n;
const MAX_U256 = 2n ** 256n - 1n;

/** What can be asked of a state. */
export interface StateReader {
  /** Whether the account is in the state, empty or not. */
  exists(address: Address): boolean;
  /** Whether the account is absent or has nonce 0, balance 0 and no code. */
  isEmpty(address: Address): boolean;
  /** Atto; 0 when absent. */
  getBalance(address: Address): bigint;
  /** 0 when absent. */
  getNonce(address: Address): bigint;
  /** Empty when there is none. */
  getCode(address: Address): Uint8Array;
  /** Keccak-256 of the code; that of no bytes when there is none, also for an absent account. */
  getCodeHash(address: Address): Hash;
  /** A 256-bit word; 0 when absent. */
  getStorage(address: Address, slot: Hash): bigint;
}

/** An account with the proof of it and of some of its slots, as EIP-1186 puts them together. */
export interface AccountProof {
  readonly address: Address;
  /** Undefined when the proof shows that there is no such account. */
  readonly account: AccountRecord | undefined;
  /** Encodings of the trie nodes from the state root down. */
  readonly accountProof: readonly Uint8Array[];
  readonly storageProofs: readonly {
    readonly slot: Hash;
    readonly value: bigint;
    /** Nodes from the account's storage root down. */
    readonly proof: readonly Uint8Array[];
  }[];
}

/** What {@link State.commit} answers. */
export interface StateCommit {
  readonly root: Hash;
  /** Puts only: nodes and code that the store does not have. */
  readonly operations: readonly BatchOperation[];
  /** Call it once the operations are written: the new nodes then enter the cache. Optional. */
  readonly confirm: () => void;
}

/** Accounts over one root. Not shared between blocks that run at the same time. */
export class State implements StateReader {
  readonly #nodes: NodeStore;
  #trie: Trie;
  /** Accounts that were read or changed; undefined for absent ones. */
  readonly #accounts = new Map<Address, Account | undefined>();
  readonly #keys = new Map<Address, Uint8Array>();
  /** Accounts that the trie may not have as they are. */
  readonly #changed = new Set<Address>();
  readonly #journal: (() => void)[] = [];
  /** Accounts that the transaction under way touched. */
  #touched = new Set<Address>();
  /** Values of slots at the start of the transaction under way, as far as it changed them. */
  #originals = new Map<string, bigint>();

  private constructor(nodes: NodeStore, trie: Trie) {
    this.#nodes = nodes;
    this.#trie = trie;
  }

  /** @internal Use `openState` or a state database. */
  static open(nodes: NodeStore, root: Hash): State {
    return new State(nodes, Trie.open(nodes, root));
  }

  // --- Reading

  exists(address: Address): boolean {
    return this.#get(address) !== undefined;
  }

  isEmpty(address: Address): boolean {
    return isEmptyAccount(this.#get(address));
  }

  getBalance(address: Address): bigint {
    return this.#get(address)?.balance ?? 0n;
  }

  getNonce(address: Address): bigint {
    return this.#get(address)?.nonce ?? 0n;
  }

  getCodeHash(address: Address): Hash {
    return this.#get(address)?.codeHash ?? EMPTY_CODE_HASH;
  }

  getCode(address: Address): Uint8Array {
    const account = this.#get(address);
    if (account === undefined || account.codeHash === EMPTY_CODE_HASH) return new Uint8Array();
    account.code ??= this.#nodes.readCode(account.codeHash, hexToBytes(account.codeHash));
    return new Uint8Array(account.code);
  }

  getStorage(address: Address, slot: Hash): bigint {
    const account = this.#get(address);
    return account === undefined ? 0n : readSlot(account, slot, this.#nodes);
  }

  /**
   * The value that a slot had when the transaction under way began: what the price of a write
   * depends on (EIP-2200).
   */
  getOriginalStorage(address: Address, slot: Hash): bigint {
    return this.#originals.get(address + slot) ?? this.getStorage(address, slot);
  }

  // --- Changing

  /**
   * Adds to a balance. Adding nothing to an empty account still touches it.
   *
   * @throws {@link ExecutionError} `executor/out-of-range`.
   */
  addBalance(address: Address, amount: bigint): void {
    const account = this.#getOrCreate(address);
    if (amount === 0n) {
      if (isEmptyAccount(account)) this.#touch(address);
      return;
    }
    this.setBalance(address, account.balance + amount);
  }

  /**
   * Takes from a balance.
   *
   * @throws {@link ExecutionError} `executor/out-of-range` when it is too small.
   */
  subtractBalance(address: Address, amount: bigint): void {
    const account = this.#getOrCreate(address);
    if (amount !== 0n) this.setBalance(address, account.balance - amount);
  }

  /** @throws {@link ExecutionError} `executor/out-of-range` outside 0 to 2^256 - 1. */
  setBalance(address: Address, balance: bigint): void {
    assertWord('balance', balance, MAX_U256);
    const account = this.#getOrCreate(address);
    const before = account.balance;
    this.#change(address, () => {
      account.balance = before;
    });
    account.balance = balance;
  }

  /** @throws {@link ExecutionError} `executor/out-of-range` outside 64 bits. */
  setNonce(address: Address, nonce: bigint): void {
    assertWord('nonce', nonce, MAX_U64);
    const account = this.#getOrCreate(address);
    const before = account.nonce;
    this.#change(address, () => {
      account.nonce = before;
    });
    account.nonce = nonce;
  }

  /** Sets the code, or removes it when empty. The bytes are copied. */
  setCode(address: Address, code: Uint8Array): void {
    const account = this.#getOrCreate(address);
    const { codeHash, code: before, codeIsNew } = account;
    this.#change(address, () => {
      account.codeHash = codeHash;
      account.code = before;
      account.codeIsNew = codeIsNew;
    });
    account.code = new Uint8Array(code);
    account.codeHash = bytesToHex(this.#nodes.hash(account.code));
    account.codeIsNew = code.length > 0;
  }

  /**
   * Sets a word of storage; 0 removes it.
   *
   * @throws {@link ExecutionError} `executor/out-of-range`.
   */
  setStorage(address: Address, slot: Hash, value: bigint): void {
    assertWord('storage value', value, MAX_U256);
    const account = this.#getOrCreate(address);
    const before = readSlot(account, slot, this.#nodes);
    if (before === value) return;
    const name = address + slot;
    if (!this.#originals.has(name)) this.#originals.set(name, before);
    this.#change(address, () => {
      account.slots.set(slot, before);
      account.changedSlots.add(slot);
    });
    account.slots.set(slot, value);
    account.changedSlots.add(slot);
  }

  /**
   * Makes an account, as before a contract is put there: nonce 0, no code, no storage; a balance that
   * was sent there before stays.
   */
  createAccount(address: Address): void {
    const before = this.#get(address);
    this.#replace(address, {
      ...absentAccount(this.#key(address)),
      balance: before?.balance ?? 0n,
    });
  }

  /** Removes an account with its code and storage. */
  deleteAccount(address: Address): void {
    if (this.#get(address) !== undefined) this.#replace(address, undefined);
  }

  // --- Transactions

  /** A mark to go back to. Marks stay valid until one before them is reverted, or the commit. */
  snapshot(): number {
    return this.#journal.length;
  }

  /**
   * Takes back all changes since a mark.
   *
   * @throws {@link ExecutionError} `executor/unknown-snapshot`.
   */
  revert(snapshot: number): void {
    if (!Number.isInteger(snapshot) || snapshot < 0 || snapshot > this.#journal.length) {
      throw new ExecutionError({ code: 'executor/unknown-snapshot', snapshot });
    }
    while (this.#journal.length > snapshot) this.#journal.pop()!();
  }

  /**
   * Ends a transaction: accounts that it touched and left empty vanish if asked to, and the next one
   * begins with its own original storage values.
   *
   * @param deleteEmpty - Whether the activation `s3` is in force.
   * @source harmony/core/state/statedb.go: Finalise
   */
  endTransaction(deleteEmpty: boolean): void {
    if (deleteEmpty) {
      for (const address of [...this.#touched]) {
        const account = this.#get(address);
        if (account !== undefined && isEmptyAccount(account)) this.#replace(address, undefined);
      }
    }
    const touched = this.#touched;
    const originals = this.#originals;
    this.#touched = new Set();
    this.#originals = new Map();
    this.#journal.push(() => {
      this.#touched = touched;
      this.#originals = originals;
    });
  }

  // --- Root and commit

  /** The state root with all changes so far; nothing is stored by it. */
  computeRoot(): Hash {
    for (const address of this.#changed) this.#updateTrie(address);
    this.#changed.clear();
    return this.#trie.rootHash();
  }

  /**
   * The root, and the operations that store all that is new. From then on the state counts it as
   * stored and forgets journal and marks: write the operations, or drop the state.
   */
  commit(): StateCommit {
    const root = this.computeRoot();
    const operations: BatchOperation[] = [];
    const confirms: (() => void)[] = [];
    for (const account of this.#accounts.values()) {
      if (account === undefined) continue;
      if (account.codeIsNew && account.code !== undefined && account.code.length > 0) {
        operations.push(this.#nodes.putCode(hexToBytes(account.codeHash), account.code));
        account.codeIsNew = false;
      }
      if (account.storage !== undefined) confirms.push(account.storage.commit(operations));
    }
    confirms.push(this.#trie.commit(operations));
    this.#journal.length = 0;
    this.#touched = new Set();
    this.#originals = new Map();
    this.#accounts.clear();
    this.#keys.clear();
    return {
      root,
      operations,
      confirm: () => {
        for (const confirm of confirms) confirm();
      },
    };
  }

  /**
   * Proves an account, present or absent, and slots of its storage, under the root of
   * {@link computeRoot}.
   */
  prove(address: Address, slots: readonly Hash[] = []): AccountProof {
    this.computeRoot();
    const key = this.#key(address);
    const account = this.#get(address);
    const storage = account && storageTrie(account, this.#nodes);
    return {
      address,
      account: account && recordOf(account),
      accountProof: this.#trie.prove(key),
      storageProofs: slots.map((slot) => ({
        slot,
        value: account === undefined ? 0n : readSlot(account, slot, this.#nodes),
        proof: storage?.prove(this.#nodes.hash(hexToBytes(slot, 32))) ?? [],
      })),
    };
  }

  // --- Inside

  #key(address: Address): Uint8Array {
    let key = this.#keys.get(address);
    if (key === undefined) {
      key = this.#nodes.hash(addressToBytes(address));
      this.#keys.set(address, key);
    }
    return key;
  }

  #get(address: Address): Account | undefined {
    const known = this.#accounts.get(address);
    if (known !== undefined || this.#accounts.has(address)) return known;
    const key = this.#key(address);
    const encoded = this.#trie.get(key);
    const account = encoded === undefined ? undefined : loadAccount(key, encoded);
    this.#accounts.set(address, account);
    return account;
  }

  #getOrCreate(address: Address): Account {
    const account = this.#get(address);
    if (account !== undefined) return account;
    const created = absentAccount(this.#key(address));
    this.#replace(address, created);
    return created;
  }

  #replace(address: Address, account: Account | undefined): void {
    const before = this.#get(address);
    this.#change(address, () => {
      this.#accounts.set(address, before);
    });
    this.#accounts.set(address, account);
  }

  /** Journals how to take a change back, and marks the account as touched and changed. */
  #change(address: Address, undo: () => void): void {
    this.#touch(address);
    this.#changed.add(address);
    this.#journal.push(() => {
      undo();
      this.#changed.add(address);
    });
  }

  #touch(address: Address): void {
    const touched = this.#touched;
    if (touched.has(address)) return;
    touched.add(address);
    this.#journal.push(() => touched.delete(address));
  }

  #updateTrie(address: Address): void {
    const account = this.#get(address);
    const key = this.#key(address);
    if (account === undefined) {
      this.#trie = this.#trie.delete(key);
      return;
    }
    updateStorage(account, this.#nodes);
    this.#trie = this.#trie.put(key, encodeAccount(recordOf(account)));
  }
}

function assertWord(what: string, value: bigint, max: bigint): void {
  if (value >= 0n && value <= max) return;
  const reason = `must be from 0 to ${max === MAX_U64 ? '2^64' : '2^256'} - 1, got ${value}`;
  throw new ExecutionError({ code: 'executor/out-of-range', what, reason });
}
