/** Creating and editing: order of the checks, whole texts, what Bloom and the strict rules change. */
import { localnetAccounts } from '@polyphony/networks/genesis/localnet';
import { bytesToPlainHex, formatOneAddress, parseDec } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import { applyDirective } from '../src/apply-directive.js';
import { createValidator } from '../src/create-validator.js';
import { delegate } from '../src/delegate.js';
import { editValidator } from '../src/edit-validator.js';
import { harmonyKeysAt } from '../src/registration.js';
import type { ReplayMode, ValidatorWrapper } from '../src/types.js';
import {
  address,
  createMessage,
  description,
  editMessage,
  HARMONY_KEYS,
  key,
  ledgerOf,
  NO_TEXTS,
  networkWith,
  ONE,
  proof,
  record,
  refusalOf,
  registration,
  share,
  viewWith,
} from './support.js';

const sender = address(200);
const plain = networkWith({});
const context = registration(plain);

function state(balance = 100_000n * ONE) {
  return ledgerOf({ wrappers: [record(1), record(2)], balances: [[sender, balance]], epoch: 4n });
}

describe('create', () => {
  test('of several faults the first in the order of checks is told', () => {
    const view = state(0n);
    const faults = createMessage(address(1), {
      amount: -1n,
      slotPublicKeys: [key('k2'), key('harmony')],
      slotKeySignatures: [],
      description: description('n'.repeat(141), ''),
      minSelfDelegation: 0n,
    });
    const steps: readonly (readonly [Partial<typeof faults>, string])[] = [
      [{}, 'amount can not be negative'],
      [{ amount: ONE }, `${formatOneAddress(address(1))}: staking validator already exists`],
      [
        { validatorAddress: sender },
        `duplicate bls key ${bytesToPlainHex(key('k2'))}: BLS key exists`,
      ],
      [{ slotPublicKeys: [key('harmony')] }, 'insufficient balance to stake'],
      [{ amount: 0n }, 'exceed maximum name length 141 140'],
      [
        { description: NO_TEXTS },
        `slot key ${bytesToPlainHex(key('harmony'))} conflicts with internal keys: slot keys can not have duplicates`,
      ],
      [
        { slotPublicKeys: [key('k50')] },
        'bls keys and corresponding signatures could not be verified',
      ],
      [
        { slotKeySignatures: [proof()] },
        'delegation-given 0: min_self_delegation must be greater than or equal to 10,000 ONE',
      ],
      [
        { minSelfDelegation: 10_000n * ONE },
        'min_self_delegation 10000000000000000000000, amount 0: self delegation can not be less than min_self_delegation',
      ],
    ];
    let message = faults;
    for (const [repair, text] of steps) {
      message = { ...message, ...repair };
      expect(refusalOf(() => createValidator(view, message, context))?.message).toBe(text);
    }
  });

  test('every key needs its own right proof', () => {
    const view = state();
    const slotPublicKeys = [key('k20'), key('k21')];
    const run = (slotKeySignatures: readonly Uint8Array[]) =>
      refusalOf(() =>
        createValidator(
          view,
          createMessage(sender, { slotPublicKeys, slotKeySignatures }),
          context,
        ),
      )?.code;
    expect(run([proof(), proof()])).toBeUndefined();
    for (const proofs of [[proof()], [proof(), proof(false)], [proof(), proof(), proof()]]) {
      expect(run(proofs)).toBe('epos/invalid-key-proofs');
    }
  });

  test('the proof check gets key, proof and account', () => {
    const asked: unknown[] = [];
    const verifyKeyProof = (...args: readonly unknown[]) => asked.push(args) > 0;
    createValidator(state(), createMessage(sender), registration(plain, { verifyKeyProof }));
    expect(asked).toEqual([[key('k11'), proof(), sender]]);
  });

  test.each([
    ['upstream', {}, false],
    ['upstream', { bloom: 0n }, true],
    ['strict', {}, true],
  ] as const)(
    '%s %o: a key of a validator of the same block is refused: %o',
    (mode, rules, refused) => {
      const view = state();
      const inMode = registration(networkWith(rules), { replayMode: mode });
      view.apply(createValidator(view, createMessage(sender), inMode));
      const other = address(201);
      const second = createMessage(other, { amount: 0n, description: NO_TEXTS });
      const error = refusalOf(() => createValidator(view, second, inMode));
      expect(error?.code).toBe(refused ? 'epos/bls-key-taken' : 'epos/self-delegation-too-small');
    },
  );

  test("Harmony's keys of an epoch", () => {
    const keys = harmonyKeysAt(localnetAccounts, 5n);
    const [first] = localnetAccounts.harmonyAccountsAt(5n);
    expect(keys.has(first!.blsPublicKey.slice(2))).toBe(true);
    expect(keys.size).toBe(
      new Set(localnetAccounts.harmonyAccountsAt(5n).map((a) => a.blsPublicKey)).size,
    );
    expect(HARMONY_KEYS.size).toBe(1);
  });
});

describe('edit', () => {
  const view = viewWith(state(), { snapshotOf: () => record(1) });
  const edit = (change: Parameters<typeof editMessage>[1], wrapper = record(1)) =>
    editValidator(
      viewWith(view, { wrapperOf: (a) => (a === address(1) ? wrapper : record(2)) }),
      editMessage(address(1), change),
      context,
    ).wrappers.get(address(1))!;

  test('an account that is no validator, and one that is marked and has no record', () => {
    const message = editMessage(sender);
    expect(refusalOf(() => editValidator(view, message, context))?.message).toBe(
      'staking validator does not exist',
    );
    const marked = viewWith(view, { isValidator: () => true });
    expect(refusalOf(() => editValidator(marked, message, context))?.message).toBe(
      'address not present in state',
    );
  });

  test('empty texts, zero limits and unknown numbers keep what is there', () => {
    const nothing = { minSelfDelegation: 0n, maxTotalDelegation: 0n, eligibility: 9 };
    expect(edit(nothing)).toEqual(record(1));
    expect(edit({ eligibility: 1 }, record(1, { status: 'inactive' })).status).toBe('active');
  });

  test('a key is removed before one is added, and the new one comes last', () => {
    const change = { slotKeyToAdd: key('k0'), slotKeyToAddSignature: proof() };
    expect(edit({ ...change, slotKeyToRemove: key('k0') }).blsPublicKeys).toEqual([
      key('k1'),
      key('k0'),
    ]);
    expect(refusalOf(() => edit(change))?.code).toBe('epos/slot-key-to-add-exists');
    expect(refusalOf(() => edit({ slotKeyToAdd: key('k9') }))?.code).toBe(
      'epos/invalid-key-proofs',
    );
    const single = record(1, { blsPublicKeys: [key('k0')] });
    expect(refusalOf(() => edit({ slotKeyToRemove: key('k0') }, single))?.code).toBe(
      'epos/no-slot-key',
    );
  });

  test('a step of exactly the agreed size is allowed, in both directions', () => {
    for (const [rate, code] of [
      ['0.8', undefined],
      ['0.800000000000000001', 'epos/commission-change-too-large'],
      ['0', undefined],
    ] as const) {
      expect(refusalOf(() => edit({ commissionRate: parseDec(rate) }))?.code).toBe(code);
    }
  });

  test('an active validator can not raise its limit above its own stake', () => {
    expect(refusalOf(() => edit({ minSelfDelegation: 20_001n * ONE }))?.code).toBe(
      'epos/self-delegation-too-small',
    );
    expect(edit({ minSelfDelegation: 20_001n * ONE, eligibility: 2 }).status).toBe('inactive');
  });

  test.each([
    ['upstream', {}, 'epos/address-not-in-state'],
    ['upstream', { strictStateValidation: 0n }, undefined],
    ['strict', {}, undefined],
  ] as const)(
    '%s %o: others are scanned for an edit that claims nothing: %s',
    (mode, rules, code) => {
      const holed = viewWith(view, { validators: () => [address(1), address(9)] });
      const inMode = registration(networkWith(rules), { replayMode: mode });
      const run = () => editValidator(holed, editMessage(address(1)), inMode);
      expect(refusalOf(run)?.code).toBe(code);
    },
  );
});

describe('a record of another address', () => {
  const contract = address(77);
  const forged: ValidatorWrapper = {
    ...record(1),
    delegations: [
      ...record(1).delegations,
      share(sender, 5n, { undelegations: [{ amount: 9n * ONE, epoch: 1n }] }),
    ],
  };
  const view = viewWith(state(), {
    isValidator: () => true,
    wrapperOf: (account) => (account === contract ? forged : record(1)),
  });
  const message = {
    type: 'delegate',
    delegatorAddress: sender,
    validatorAddress: contract,
    amount: 1000n * ONE,
  } as const;

  test('upstream before the binding: it is written over the real one', () => {
    const { wrappers } = delegate(view, message, context);
    expect([...wrappers.keys()]).toEqual([address(1)]);
    expect(wrappers.get(address(1))!.delegations).toHaveLength(2);
  });

  test.each([
    ['upstream', { bloom: 0n }],
    ['upstream', { validatorWrapperAddressBind: 5n }],
    ['strict', {}],
  ] as const)('%s %o: refused', (replayMode: ReplayMode, rules) => {
    const inMode = registration(networkWith(rules), { replayMode });
    const error = refusalOf(() => applyDirective(view, message, inMode));
    expect(error?.code).toBe('epos/wrapper-address-mismatch');
    expect(error?.message).toBe(
      `account ${contract}, record ${address(1)}: validator wrapper address mismatch`,
    );
  });
});
