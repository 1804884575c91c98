import { EMPTY_CODE_HASH, EMPTY_ROOT } from '@polyphony/chain';
import { localnet, mainnet, reference, testnet } from '@polyphony/networks';
import { bytesToHex, type Hash, keccak256 } from '@polyphony/primitives';
import { memoryStore, prefixedStore } from '@polyphony/storage';
import { describe, expect, test } from 'vitest';
import { readAccountProof } from '../src/account-proof.js';
import {
  createStateDatabase,
  ExecutionError,
  type ExecutionErrorDetails,
  genesisState,
  openState,
} from '../src/index.js';
import { alice, bob, engine, LEADER, NOBODY } from './support.js';

const slot = (n: number): Hash => `0x${n.toString(16).padStart(64, '0')}`;

describe('genesis states', () => {
  test.each([
    [
      'mainnet, shard 0',
      mainnet,
      0,
      '0x8be048c908585bbb6b155324ad8a854484994ab27e5987af134ad036079675bf',
    ],
    ['mainnet, shard 1', mainnet, 1, EMPTY_ROOT],
    ['testnet', testnet, 0, '0x9e470e803db498e6ba3c9108d3f951060e7121289c2354b8b185349ddef4fc0a'],
    ['localnet', localnet, 0, '0x0fd45a16d7b29584880824530746a3ef42864c9c42c3c8301e239584d3c8efb9'],
  ])('%s has the root of its genesis header', async (_, network, shardId, root) => {
    const store = memoryStore();
    const state = genesisState(createStateDatabase(store), network, shardId);
    const commit = state.commit();
    expect(commit.root).toBe(root);
    await store.write(commit.operations);
    expect(openState(store, commit.root).computeRoot()).toBe(root);
  });

  test('other accounts may be given, with code and nonce', () => {
    const states = createStateDatabase(memoryStore(), { hasher: engine });
    const code = Uint8Array.of(1, 2);
    const state = genesisState(states, reference, 0, [
      { address: NOBODY, balance: 5n, nonce: 2n, code },
    ]);
    expect(state.getBalance(NOBODY)).toBe(5n);
    expect(state.getNonce(NOBODY)).toBe(2n);
    expect(state.getCodeHash(NOBODY)).toBe(bytesToHex(keccak256(code)));
  });
});

describe('what the store holds', () => {
  test('a missing state, node or code is named', async () => {
    const store = memoryStore();
    const missing: Hash = `0x${'77'.repeat(32)}`;
    expect(() => openState(store, missing)).toThrow(
      expect.objectContaining({ details: { code: 'executor/missing-node', hash: missing } }),
    );
    const state = openState(store, EMPTY_ROOT, engine);
    const code = Uint8Array.of(9);
    state.setCode(NOBODY, code);
    const { root, operations } = state.commit();
    const codeHash = bytesToHex(keccak256(code));
    await store.write(operations.filter(({ key }) => !bytesToHex(key).endsWith(codeHash.slice(2))));
    expect(() => openState(store, root).getCode(NOBODY)).toThrow(
      expect.objectContaining({ details: { code: 'executor/missing-code', hash: codeHash } }),
    );
    await store.write(operations);
    expect(openState(store, root).getCode(NOBODY)).toEqual(code);
  });

  test('a damaged node is noticed, or believed if nobody looks', async () => {
    const store = memoryStore();
    const state = openState(store, EMPTY_ROOT, engine);
    state.setBalance(NOBODY, 1000n);
    const { root, operations } = state.commit();
    const damaged = operations.map((operation) => {
      if (operation.type === 'delete') return operation;
      const value = Uint8Array.from(operation.value);
      // The balance: after the nonce, before two hashes of 33 bytes.
      value[value.length - 67]! ^= 1;
      return { ...operation, value };
    });
    await store.write(damaged);
    expect(() => createStateDatabase(store).openState(root)).toThrow(
      expect.objectContaining({ code: 'executor/corrupt-node' }),
    );
    const trusting = createStateDatabase(store, { verifyNodes: false }).openState(root);
    expect(trusting.getBalance(NOBODY)).toBe(1001n);
    await store.write(
      damaged.map((operation) => ({ ...operation, value: Uint8Array.of(0xc1, 5) })),
    );
    expect(() => createStateDatabase(store, { verifyNodes: false }).openState(root)).toThrow(
      expect.objectContaining({ code: 'executor/corrupt-node' }),
    );
  });

  test('states lie under their prefix, beside other things in one store', async () => {
    const store = memoryStore();
    const prefix = Uint8Array.of(7, 7);
    const state = createStateDatabase(store, { hasher: engine, prefix }).openState(EMPTY_ROOT);
    state.setCode(NOBODY, Uint8Array.of(1));
    const { root, operations } = state.commit();
    for (const { key } of operations) expect(key.slice(0, 2)).toEqual(prefix);
    expect(new Set(operations.map(({ key }) => key[2]))).toEqual(new Set([0x6e, 0x63]));
    await store.write(operations);
    const inside = prefixedStore(store, prefix);
    const reader = createStateDatabase(inside, { hasher: engine, prefix: new Uint8Array() });
    expect(reader.openState(root).getCode(NOBODY)).toEqual(Uint8Array.of(1));
  });

  test('what one block made and did not write, the next writes', async () => {
    const store = memoryStore();
    const states = createStateDatabase(store, { hasher: engine });
    const proposal = states.openState(EMPTY_ROOT);
    proposal.setBalance(NOBODY, 5n);
    const abandoned = proposal.commit();
    expect(() => states.openState(abandoned.root)).toThrow(
      expect.objectContaining({ code: 'executor/missing-node' }),
    );
    const block = states.openState(EMPTY_ROOT);
    block.setBalance(NOBODY, 5n);
    const { root, operations, confirm } = block.commit();
    expect(operations).toEqual(abandoned.operations);
    await store.write(operations);
    confirm();
    const next = states.openState(root);
    next.setBalance(bob.address, 1n);
    const second = next.commit();
    await store.write(second.operations);
    expect(openState(store, second.root).getBalance(NOBODY)).toBe(5n);
    expect(states.cachedNodes).toBeGreaterThan(0);
  });

  test('old roots stay readable', async () => {
    const store = memoryStore();
    const states = createStateDatabase(store, { hasher: engine });
    let root: Hash = EMPTY_ROOT;
    const roots: Hash[] = [];
    for (let i = 1n; i <= 5n; i++) {
      const state = states.openState(root);
      state.setBalance(NOBODY, i);
      const commit = state.commit();
      await store.write(commit.operations);
      commit.confirm();
      root = commit.root;
      roots.push(root);
    }
    for (const [i, old] of roots.entries()) {
      expect(states.openState(old).getBalance(NOBODY)).toBe(BigInt(i + 1));
    }
  });
});

describe('accounts', () => {
  const fresh = () => openState(memoryStore(), EMPTY_ROOT, engine);

  test('code is copied both ways', () => {
    const state = fresh();
    const code = Uint8Array.of(1, 2, 3);
    state.setCode(NOBODY, code);
    code.fill(9);
    state.getCode(NOBODY).fill(8);
    expect(state.getCode(NOBODY)).toEqual(Uint8Array.of(1, 2, 3));
    state.setCode(NOBODY, new Uint8Array());
    expect(state.getCodeHash(NOBODY)).toBe(EMPTY_CODE_HASH);
    expect(state.isEmpty(NOBODY)).toBe(true);
  });

  test('numbers stay in their range', () => {
    const state = fresh();
    const refused = expect.objectContaining({ code: 'executor/out-of-range' });
    expect(() => state.setBalance(NOBODY, -1n)).toThrow(refused);
    expect(() => state.setBalance(NOBODY, 2n ** 256n)).toThrow(refused);
    expect(() => state.setNonce(NOBODY, 2n ** 64n)).toThrow(refused);
    expect(() => state.setStorage(NOBODY, slot(1), 2n ** 256n)).toThrow(refused);
    expect(() => state.subtractBalance(NOBODY, 1n)).toThrow(refused);
    state.setBalance(NOBODY, 2n ** 256n - 1n);
    expect(() => state.addBalance(NOBODY, 1n)).toThrow(refused);
  });

  test('a mark that is gone is refused', () => {
    const state = fresh();
    const first = state.snapshot();
    state.setBalance(NOBODY, 1n);
    const second = state.snapshot();
    state.setBalance(NOBODY, 2n);
    state.revert(second);
    expect(state.getBalance(NOBODY)).toBe(1n);
    state.revert(first);
    expect(state.exists(NOBODY)).toBe(false);
    expect(() => state.revert(second)).toThrow(
      expect.objectContaining({ details: { code: 'executor/unknown-snapshot', snapshot: second } }),
    );
    expect(() => state.revert(-1)).toThrow(ExecutionError);
  });

  test('original storage is that of the start of the transaction', () => {
    const state = fresh();
    state.setStorage(NOBODY, slot(1), 5n);
    expect(state.getOriginalStorage(NOBODY, slot(1))).toBe(0n);
    state.endTransaction(true);
    // No nonce, balance or code: storage alone does not keep an account.
    expect(state.getStorage(NOBODY, slot(1))).toBe(0n);
    state.setNonce(NOBODY, 1n);
    state.setStorage(NOBODY, slot(1), 5n);
    state.endTransaction(true);
    const mark = state.snapshot();
    state.setStorage(NOBODY, slot(1), 6n);
    state.setStorage(NOBODY, slot(1), 7n);
    expect(state.getOriginalStorage(NOBODY, slot(1))).toBe(5n);
    expect(state.getStorage(NOBODY, slot(1))).toBe(7n);
    state.endTransaction(true);
    expect(state.getOriginalStorage(NOBODY, slot(1))).toBe(7n);
    state.revert(mark);
    expect(state.getStorage(NOBODY, slot(1))).toBe(5n);
  });

  test('a root that was computed in between does not keep what is reverted', () => {
    const state = fresh();
    state.setNonce(NOBODY, 1n);
    state.setStorage(NOBODY, slot(1), 5n);
    const root = state.computeRoot();
    const mark = state.snapshot();
    state.setStorage(NOBODY, slot(1), 6n);
    state.setStorage(NOBODY, slot(2), 7n);
    state.addBalance(bob.address, 1n);
    expect(state.computeRoot()).not.toBe(root);
    state.revert(mark);
    expect(state.computeRoot()).toBe(root);
  });

  test('a touch that was reverted does not clear an account', () => {
    const state = fresh();
    state.addBalance(NOBODY, 0n);
    state.endTransaction(false);
    const mark = state.snapshot();
    state.addBalance(NOBODY, 0n);
    state.revert(mark);
    state.endTransaction(true);
    expect(state.exists(NOBODY)).toBe(true);
    state.addBalance(NOBODY, 0n);
    state.endTransaction(true);
    expect(state.exists(NOBODY)).toBe(false);
  });

  test('code is stored once, when it is new, and not when it was taken back', async () => {
    const store = memoryStore();
    const codePuts = (operations: readonly { readonly key: Uint8Array }[]): number =>
      operations.filter(({ key }) => key['state/'.length] === 0x63).length;
    const state = openState(store, EMPTY_ROOT, engine);
    state.setNonce(NOBODY, 1n);
    const mark = state.snapshot();
    state.setCode(NOBODY, Uint8Array.of(1));
    state.revert(mark);
    expect(state.getCode(NOBODY)).toEqual(new Uint8Array());
    const none = state.commit();
    expect(codePuts(none.operations)).toBe(0);
    await store.write(none.operations);
    state.setCode(NOBODY, Uint8Array.of(2));
    const first = state.commit();
    expect(codePuts(first.operations)).toBe(1);
    await store.write(first.operations);
    const next = openState(store, first.root, engine);
    expect(next.getCode(NOBODY)).toEqual(Uint8Array.of(2));
    next.setNonce(NOBODY, 2n);
    expect(codePuts(next.commit().operations)).toBe(0);
  });

  test('a commit forgets the marks before it', () => {
    const state = fresh();
    state.setBalance(NOBODY, 1n);
    const mark = state.snapshot();
    state.commit();
    expect(() => state.revert(mark)).toThrow(
      expect.objectContaining({ code: 'executor/unknown-snapshot' }),
    );
    expect(state.getBalance(NOBODY)).toBe(1n);
  });

  test('storage goes with its account', async () => {
    const store = memoryStore();
    const state = openState(store, EMPTY_ROOT, engine);
    state.setNonce(NOBODY, 1n);
    state.setStorage(NOBODY, slot(1), 5n);
    const first = state.commit();
    await store.write(first.operations);
    const next = openState(store, first.root, engine);
    next.createAccount(NOBODY);
    expect(next.getStorage(NOBODY, slot(1))).toBe(0n);
    next.setNonce(NOBODY, 2n);
    next.setStorage(NOBODY, slot(2), 1n);
    expect(next.prove(NOBODY, [slot(1), slot(2)]).storageProofs.map(({ value }) => value)).toEqual([
      0n,
      1n,
    ]);
  });

  test('a proof is for one account under one root', () => {
    const state = fresh();
    for (const [i, { address }] of [alice, bob].entries()) state.setBalance(address, BigInt(i + 5));
    state.setBalance(LEADER, 1n);
    const root = state.computeRoot();
    const { accountProof } = state.prove(alice.address);
    expect(readAccountProof(root, alice.address, accountProof)?.balance).toBe(5n);
    const absent = state.prove(NOBODY);
    expect(absent.account).toBeUndefined();
    expect(readAccountProof(root, NOBODY, absent.accountProof)).toBeUndefined();
    state.setBalance(bob.address, 7n);
    expect(() => readAccountProof(state.computeRoot(), alice.address, accountProof)).toThrow(
      expect.objectContaining({ code: 'executor/invalid-proof' }),
    );
  });
});

test('each error says what happened', () => {
  const hash: Hash = `0x${'01'.repeat(32)}`;
  const messages: [ExecutionErrorDetails, string][] = [
    [{ code: 'executor/missing-node', hash }, `the store has no trie node ${hash}`],
    [{ code: 'executor/corrupt-node', hash, reason: 'r' }, `trie node ${hash} is damaged: r`],
    [{ code: 'executor/missing-code', hash }, `the store has no code ${hash}`],
    [{ code: 'executor/invalid-proof', reason: 'r' }, 'invalid proof: r'],
    [
      { code: 'executor/unknown-snapshot', snapshot: 3 },
      'snapshot 3 does not exist or was reverted',
    ],
    [{ code: 'executor/out-of-range', what: 'nonce', reason: 'is odd' }, 'nonce is odd'],
    [
      { code: 'executor/execution-unsupported', what: 'contract-creation', to: undefined },
      'this EVM only transfers values: contract-creation needs an EVM that runs code',
    ],
    [
      { code: 'executor/execution-unsupported', what: 'contract-call', to: NOBODY },
      `this EVM only transfers values: contract-call to ${NOBODY} needs an EVM that runs code`,
    ],
    [
      { code: 'executor/not-supported', what: 'slash-record', needs: 'slashing' },
      'slash-record is not executed: it needs slashing',
    ],
    [
      { code: 'executor/invalid-transaction', reason: 'nonce-too-low', expected: 2n, actual: 1n },
      'nonce is too low: expected 2, got 1',
    ],
    [
      { code: 'executor/invalid-transaction', reason: 'invalid-sender' },
      'sender cannot be recovered',
    ],
    [
      { code: 'executor/transaction-failed', index: 3, reason: 'r' },
      'transaction 3 cannot be in the block: r',
    ],
    [{ code: 'executor/refused-block', hash }, `block ${hash} is refused by its hash`],
    [{ code: 'executor/future-block', latest: 5n, actual: 6n }, 'block time 6 is after 5'],
    [
      { code: 'executor/mismatch', field: 'gasUsed', expected: '1', actual: '2' },
      'gasUsed must be 1, got 2',
    ],
  ];
  for (const [details, message] of messages) {
    expect(new ExecutionError(details).message).toBe(message);
  }
});
