import {
  type AccountEntry,
  computeAccountRoot,
  computeStorageRoot,
  EMPTY_CODE_HASH,
  EMPTY_ROOT,
} from '@polyphony/chain';
import { type Address, bytesToHex, type Hash, keccak256 } from '@polyphony/primitives';
import { memoryStore } from '@polyphony/storage';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAccountProof, readStorageProof } from '../src/account-proof.js';
import { createStateDatabase } from '../src/state/database.js';
import type { State } from '../src/state/state.js';
import { engine } from './support.js';

/** A state as plain data: what the real one must agree with. */
interface Model {
  readonly accounts: Map<
    Address,
    { nonce: bigint; balance: bigint; code: Uint8Array; storage: Map<Hash, bigint> }
  >;
  touched: Set<Address>;
}

const copy = (model: Model): Model => ({
  accounts: new Map(
    [...model.accounts].map(([address, account]) => [
      address,
      { ...account, storage: new Map(account.storage) },
    ]),
  ),
  touched: new Set(model.touched),
});

const isEmpty = (account: { nonce: bigint; balance: bigint; code: Uint8Array }): boolean =>
  account.nonce === 0n && account.balance === 0n && account.code.length === 0;

const entriesOf = (model: Model): AccountEntry[] =>
  [...model.accounts].map(([address, { nonce, balance, code, storage }]) => ({
    address,
    nonce,
    balance,
    codeHash: code.length === 0 ? EMPTY_CODE_HASH : bytesToHex(keccak256(code)),
    storageRoot: computeStorageRoot(storage, engine),
  }));

const address = fc.nat(5).map((n): Address => `0x${'0'.repeat(39)}${n}`);
const slot = fc.nat(4).map((n): Hash => `0x${'0'.repeat(63)}${n}`);
const amount = fc.constantFrom(0n, 1n, 5n, 10n ** 24n);
type Operation =
  | { type: 'add' | 'subtract' | 'nonce'; address: Address; amount: bigint }
  | { type: 'code'; address: Address; code: Uint8Array }
  | { type: 'store'; address: Address; slot: Hash; amount: bigint }
  | { type: 'create' | 'delete'; address: Address }
  | { type: 'mark' | 'root' }
  | { type: 'revert'; back: number }
  | { type: 'end'; deleteEmpty: boolean }
  | { type: 'reopen' };
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom('add' as const, 'subtract' as const, 'nonce' as const),
      address,
      amount,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('code' as const),
      address,
      code: fc.uint8Array({ maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('store' as const), address, slot, amount }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('create' as const, 'delete' as const),
      address,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('mark' as const, 'root' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('revert' as const), back: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('end' as const), deleteEmpty: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reopen' as const) }) },
);

const sequence = fc.array(operation, { maxLength: 120, size: 'max' });

function change(model: Model, at: Address) {
  model.touched.add(at);
  let account = model.accounts.get(at);
  if (account === undefined) {
    account = { nonce: 0n, balance: 0n, code: new Uint8Array(), storage: new Map() };
    model.accounts.set(at, account);
  }
  return account;
}

test('a state agrees with plain data through changes, marks, reverts, commits and reopening', async () => {
  await fc.assert(
    fc.asyncProperty(sequence, async (operations) => {
      const store = memoryStore();
      const options = { hasher: engine, cacheNodes: 40 };
      const states = createStateDatabase(store, options);
      let state: State = states.openState(EMPTY_ROOT);
      let model: Model = { accounts: new Map(), touched: new Set() };
      let marks: { mark: number; model: Model }[] = [];
      const reopen = async (database = states): Promise<void> => {
        const { root, operations: puts, confirm } = state.commit();
        expect(root).toBe(computeAccountRoot(entriesOf(model), engine));
        await store.write(puts);
        confirm();
        state = database.openState(root);
        model = copy(model);
        model.touched.clear();
        marks = [];
      };
      for (const step of operations) {
        switch (step.type) {
          case 'add':
            state.addBalance(step.address, step.amount);
            if (step.amount !== 0n) change(model, step.address).balance += step.amount;
            else if (isEmpty(model.accounts.get(step.address) ?? change(model, step.address)))
              model.touched.add(step.address);
            break;
          case 'subtract': {
            const balance = model.accounts.get(step.address)?.balance ?? 0n;
            if (step.amount > balance) {
              const before = state.snapshot();
              expect(() => state.subtractBalance(step.address, step.amount)).toThrow(
                expect.objectContaining({ code: 'executor/out-of-range' }),
              );
              state.revert(before);
            } else {
              state.subtractBalance(step.address, step.amount);
              if (step.amount !== 0n) change(model, step.address).balance -= step.amount;
              else if (!model.accounts.has(step.address)) change(model, step.address);
            }
            break;
          }
          case 'nonce':
            state.setNonce(step.address, step.amount % 2n ** 64n);
            change(model, step.address).nonce = step.amount % 2n ** 64n;
            break;
          case 'code':
            state.setCode(step.address, step.code);
            change(model, step.address).code = step.code;
            break;
          case 'store': {
            const existed = model.accounts.has(step.address);
            const before = model.accounts.get(step.address)?.storage.get(step.slot) ?? 0n;
            state.setStorage(step.address, step.slot, step.amount);
            if (before === step.amount) {
              if (!existed) change(model, step.address);
            } else change(model, step.address).storage.set(step.slot, step.amount);
            break;
          }
          case 'create': {
            const balance = model.accounts.get(step.address)?.balance ?? 0n;
            state.createAccount(step.address);
            model.accounts.delete(step.address);
            change(model, step.address).balance = balance;
            break;
          }
          case 'delete':
            state.deleteAccount(step.address);
            if (model.accounts.delete(step.address)) model.touched.add(step.address);
            break;
          case 'mark':
            marks.push({ mark: state.snapshot(), model: copy(model) });
            break;
          case 'root':
            expect(state.computeRoot()).toBe(computeAccountRoot(entriesOf(model), engine));
            break;
          case 'revert': {
            const target = marks.at(-1 - step.back);
            if (target === undefined) break;
            state.revert(target.mark);
            model = copy(target.model);
            marks = marks.slice(0, marks.indexOf(target) + 1);
            break;
          }
          case 'end':
            state.endTransaction(step.deleteEmpty);
            if (step.deleteEmpty) {
              for (const at of model.touched) {
                const account = model.accounts.get(at);
                if (account !== undefined && isEmpty(account)) model.accounts.delete(at);
              }
            }
            model.touched = new Set();
            break;
          case 'reopen':
            await reopen();
        }
      }
      await reopen(createStateDatabase(store, options));
      for (let n = 0; n < 6; n++) {
        const at: Address = `0x${'0'.repeat(39)}${n}`;
        const account = model.accounts.get(at);
        expect(state.exists(at)).toBe(account !== undefined);
        expect(state.isEmpty(at)).toBe(account === undefined || isEmpty(account));
        expect(state.getBalance(at)).toBe(account?.balance ?? 0n);
        expect(state.getNonce(at)).toBe(account?.nonce ?? 0n);
        expect(state.getCode(at)).toEqual(account?.code ?? new Uint8Array());
        const slots = Array.from({ length: 5 }, (_, i): Hash => `0x${'0'.repeat(63)}${i}`);
        const proof = state.prove(at, slots);
        const proven = readAccountProof(state.computeRoot(), at, proof.accountProof);
        expect(proven).toEqual(proof.account);
        expect(proven?.balance).toBe(account?.balance);
        for (const { slot: name, value, proof: nodes } of proof.storageProofs) {
          expect(value).toBe(account?.storage.get(name) ?? 0n);
          expect(state.getStorage(at, name)).toBe(value);
          if (proven !== undefined) {
            expect(readStorageProof(proven.storageRoot, name, nodes)).toBe(value);
          }
        }
      }
    }),
    propertyRuns(60),
  );
});
