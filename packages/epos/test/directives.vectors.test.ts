/** Directives against vectors: refusals with their texts, records and balances after. */
import type { CreateValidator, Directive } from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import { type Address, bytesToPlainHex, formatDec, parseDec } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { applyDirective } from '../src/apply-directive.js';
import { collectRewards } from '../src/collect-rewards.js';
import { createValidator } from '../src/create-validator.js';
import { delegate, undelegate } from '../src/delegate.js';
import { applyEdit, editValidator } from '../src/edit-validator.js';
import type { StakingLedger } from '../src/ledger.js';
import { assertUniqueRegistration } from '../src/registration.js';
import { STAKING_HASHES } from '../src/staking-hashes.js';
import type { ReplayMode, StakingView, ValidatorStatus, ValidatorWrapper } from '../src/types.js';
import { totalHoldings } from '../src/wrapper.js';
import {
  address,
  createMessage,
  description,
  editMessage,
  key,
  ledgerOf,
  networkWith,
  ONE,
  proof,
  record,
  refusalOf,
  registration,
  share,
  viewWith,
} from './support.js';

const MODES: readonly ReplayMode[] = ['upstream', 'strict'];
const MIN_COMMISSION = networkWith({ minCommissionRate: 0n });
const FIVE = [1, 2, 3, 4, 5];

/** The five validators of the families on registration. */
function fiveValidators(balance = 100_000n * ONE): StakingLedger {
  return ledgerOf({
    wrappers: FIVE.map((number) => record(number)),
    balances: [[address(200), balance]],
    firstElectionEpochs: FIVE.map((number) => [address(number), 10n]),
    epoch: 4n,
  });
}

function snapshotsAlways(view: StakingLedger): StakingView {
  return viewWith(view, { snapshotOf: (account) => view.wrapperOf(account) });
}

/** The base text is the end of the message, or its beginning where the node appends a cause. */
function expectText(error: Error | undefined, text: string | null): void {
  if (text === null) {
    expect(error).toBeUndefined();
    return;
  }
  const message = error?.message ?? '';
  if (text.endsWith('.')) expect(message.startsWith(text)).toBe(true);
  else expect(message === text || message.endsWith(`: ${text}`)).toBe(true);
}

describe('create', () => {
  interface Change {
    readonly amount?: string;
    readonly balance?: string;
    readonly keys?: readonly string[];
    readonly proof?: boolean;
  }
  const vectors = loadVectors<{ change?: never } & Change, { error: string | null }>(
    import.meta.url,
    'create-validator',
    { in: ['amount', 'balance', 'keys', 'proof'], out: ['error'] },
  );
  for (const { name, in: change, out } of vectors) {
    test.each(MODES)(`${name}, %s`, (replayMode) => {
      const sender = address(200);
      const view = fiveValidators(BigInt(change.balance ?? 100_000n * ONE));
      const edits: Partial<CreateValidator> = {
        ...(change.amount === undefined ? {} : { amount: BigInt(change.amount) }),
        ...(change.keys === undefined ? {} : { slotPublicKeys: change.keys.map(key) }),
        ...(change.proof === false ? { slotKeySignatures: [proof(false)] } : {}),
      };
      const message = createMessage(sender, edits);
      const context = registration(MIN_COMMISSION, { replayMode });
      const error = refusalOf(() => {
        const result = createValidator(view, message, context);
        const made = result.wrappers.get(sender)!;
        expect(made.status).toBe('active');
        expect([made.creationHeight, made.commission.updateHeight]).toEqual([100n, 100n]);
        expect(made.delegations).toEqual([share(sender, message.amount)]);
        expect(result.balances).toEqual(new Map([[sender, -message.amount]]));
        expect(result.created).toEqual([sender]);
        expect(result.wrappers.size).toBe(1);
      });
      expectText(error, out!.error);
    });
  }
});

describe('edit', () => {
  interface EditIn {
    readonly omit?: readonly string[];
    readonly replace?: Readonly<Record<string, string | boolean>>;
    readonly messageOnly?: boolean;
    readonly wrapper?: string;
    readonly state?: {
      readonly missingInState?: boolean;
      readonly noSnapshot?: boolean;
      readonly snapshotRate?: string;
      readonly status?: ValidatorStatus;
      readonly epoch?: number;
    };
  }
  interface EditOut {
    readonly error: string | null;
    readonly after?: {
      readonly keys?: readonly string[];
      readonly rate?: string;
      readonly status?: ValidatorStatus;
      readonly updateHeight?: number;
      readonly min?: string;
      readonly max?: string;
    };
  }
  const base: Readonly<Record<string, string | boolean>> = {
    name: 'batman',
    identity: 'batman',
    rate: '0.2',
    removeKey: 'k0',
    addKey: 'k12',
    proof: true,
    status: 'inactive',
  };

  function messageOf(given: EditIn) {
    const kept = Object.entries(base).filter(([field]) => !given.omit?.includes(field));
    const fields: Record<string, string | boolean> = {
      ...Object.fromEntries(kept),
      ...given.replace,
    };
    const text = (field: string) =>
      fields[field] === undefined ? undefined : String(fields[field]);
    const amount = (field: string) =>
      text(field) === undefined ? undefined : BigInt(text(field)!);
    const keyOf = (field: string) => (text(field) === undefined ? undefined : key(text(field)!));
    const rate = text('rate');
    return editMessage(address(1), {
      description: description(text('name') ?? '', text('identity') ?? ''),
      commissionRate: rate === undefined ? undefined : parseDec(rate),
      minSelfDelegation: amount('minSelfDelegation'),
      maxTotalDelegation: amount('maxTotalDelegation'),
      slotKeyToRemove: keyOf('removeKey'),
      slotKeyToAdd: keyOf('addKey'),
      slotKeyToAddSignature: fields.proof === undefined ? undefined : proof(fields.proof === true),
      eligibility: { active: 1, inactive: 2 }[text('status') ?? ''] ?? 0,
    });
  }

  function viewOf(state: EditIn['state'] = {}): StakingView {
    const ledger = fiveValidators();
    const status = state.status;
    return viewWith(ledger, {
      wrapperOf(account) {
        if (state.missingInState && account === address(5)) return undefined;
        const wrapper = ledger.wrapperOf(account);
        return wrapper && status && account === address(1) ? { ...wrapper, status } : wrapper;
      },
      snapshotOf(account) {
        const wrapper = ledger.wrapperOf(account);
        if (wrapper === undefined || state.noSnapshot) return undefined;
        const { commission } = wrapper;
        const rate = parseDec(state.snapshotRate ?? '0.4');
        return { ...wrapper, commission: { ...commission, rate } };
      },
    });
  }

  const vectors = loadVectors<EditIn, EditOut>(import.meta.url, 'edit-validator', {
    in: ['omit', 'replace', 'messageOnly', 'wrapper', 'state'],
    out: ['error', 'after'],
  });
  for (const { name, in: given, out } of vectors) {
    test.each(MODES)(`${name}, %s`, (replayMode) => {
      const view = viewOf(given.state);
      const epoch = BigInt(given.state?.epoch ?? 5);
      const context = registration(MIN_COMMISSION, { replayMode, epoch });
      const message = messageOf(given);
      const before = record(given.wrapper === 'v1' ? 2 : 1);
      let after: ValidatorWrapper | undefined;
      const error = refusalOf(() => {
        after =
          given.messageOnly || given.wrapper
            ? applyEdit(before, message, context)
            : editValidator(view, message, context).wrappers.get(address(1));
      });
      expectText(error, out!.error);
      const want = out!.after;
      if (want === undefined || after === undefined) return expect(out!.error).not.toBeNull();
      const keys = want.keys ?? (given.messageOnly ? undefined : []);
      if (keys) {
        expect(after.blsPublicKeys.map(bytesToPlainHex)).toEqual(
          keys.map(key).map(bytesToPlainHex),
        );
      }
      if (want.rate) expect(formatDec(after.commission.rate)).toBe(want.rate);
      if (want.status) expect(after.status).toBe(want.status);
      if (want.updateHeight) expect(after.commission.updateHeight).toBe(BigInt(want.updateHeight));
      if (want.min) expect(after.minSelfDelegation).toBe(BigInt(want.min));
      if (want.max) expect(after.maxTotalDelegation).toBe(BigInt(want.max));
      if (Object.keys(want).length === 0) expect(after).toEqual(before);
    });
  }
});

describe('unique registration', () => {
  const vectors = loadVectors<
    { sender: string; identity: string; keys: readonly string[] },
    { error: string | null }
  >(import.meta.url, 'duplicate-fields', {
    in: ['sender', 'identity', 'keys'],
    out: ['error'],
  });
  for (const { name, in: given, out } of vectors) {
    test.each(MODES)(`${name}, %s`, (replayMode) => {
      const validator = given.sender === 'new' ? address(200) : address(1);
      const fields = { validator, identity: given.identity, blsPublicKeys: given.keys.map(key) };
      const context = registration(MIN_COMMISSION, { replayMode });
      const view = snapshotsAlways(fiveValidators());
      expectText(
        refusalOf(() => assertUniqueRegistration(view, fields, context)),
        out!.error,
      );
    });
  }
});

interface RecordJson {
  readonly validator: Address;
  readonly minSelfDelegation: string;
  readonly maxTotalDelegation: string;
  readonly status: string;
  readonly delegations: readonly {
    readonly amount: string;
    readonly delegator: Address;
    readonly reward: string;
    readonly undelegations: readonly { readonly amount: string; readonly epoch: string }[];
  }[];
}

function recordOf(json: RecordJson, number: number): ValidatorWrapper {
  return record(number, {
    address: json.validator,
    minSelfDelegation: BigInt(json.minSelfDelegation),
    maxTotalDelegation: BigInt(json.maxTotalDelegation),
    status: json.status.startsWith('banned') ? 'banned' : (json.status as ValidatorStatus),
    delegations: json.delegations.map((entry) => ({
      delegator: entry.delegator,
      amount: BigInt(entry.amount),
      reward: BigInt(entry.reward),
      undelegations: entry.undelegations.map(({ amount, epoch }) => ({
        amount: BigInt(amount),
        epoch: BigInt(epoch),
      })),
    })),
  });
}

/** Holdings of the changed records and the balances: what may not change. */
function balanced(view: StakingView, directive: Directive, network: Network, epoch: bigint): void {
  const { wrappers, balances, issued, burned } = applyDirective(
    view,
    directive,
    registration(network, { epoch }),
  );
  let sum = burned - issued;
  for (const delta of balances.values()) sum += delta;
  for (const [account, wrapper] of wrappers) {
    const before = view.wrapperOf(account);
    sum += totalHoldings(wrapper) - (before === undefined ? 0n : totalHoldings(before));
  }
  expect(sum).toBe(0n);
}

describe('delegate', () => {
  interface DelegateIn {
    readonly amount: string;
    readonly balance: string;
    readonly delegationIndexes: readonly { readonly index: number; readonly validator: Address }[];
    readonly delegator: Address;
    readonly epoch: number;
    readonly minDelegation100Active: boolean;
    readonly redelegationActive: boolean;
    readonly state: readonly RecordJson[];
    readonly validator: Address;
  }
  interface DelegateOut {
    readonly balanceDeducted?: string;
    readonly fromLockedTokens?: Readonly<Record<Address, string>>;
    readonly updated?: readonly RecordJson[];
    readonly error?: string;
  }
  const vectors = loadVectors<DelegateIn, DelegateOut>(import.meta.url, 'delegate', {
    out: ['balanceDeducted', 'fromLockedTokens', 'updated', 'error'],
  });
  for (const { name, in: given, out } of vectors) {
    test.each(MODES)(`${name}, %s`, (replayMode) => {
      const network = networkWith({
        ...(given.minDelegation100Active ? { minDelegation100: 0n } : {}),
        ...(given.redelegationActive ? { redelegation: 0n } : {}),
      });
      const { delegator } = given;
      const view = viewWith(
        ledgerOf({
          wrappers: given.state.map((json, i) => recordOf(json, i + 1)),
          balances: [[delegator, BigInt(given.balance)]],
        }),
        { delegationsOf: () => given.delegationIndexes.map((e) => ({ ...e, blockNumber: 1n })) },
      );
      const message = {
        type: 'delegate',
        delegatorAddress: delegator,
        validatorAddress: given.validator,
        amount: BigInt(given.amount),
      } as const;
      const epoch = BigInt(given.epoch);
      const context = registration(network, { replayMode, epoch });
      if (out!.error !== undefined) {
        const error = refusalOf(() => delegate(view, message, context));
        // Strict mode stops at an entry that names another account's share, before it looks further.
        const strict = replayMode === 'strict' && given.redelegationActive;
        const foreign = given.delegationIndexes.some(({ validator, index }) => {
          const named = view.wrapperOf(validator)?.delegations[index];
          return named !== undefined && named.delegator !== delegator;
        });
        if (strict && foreign) expect(error?.code).toBe('epos/foreign-delegation');
        else expect(error?.message).toBe(out!.error);
        return;
      }
      const result = delegate(view, message, context);
      const updated = out!.updated!.map((json) => {
        const number = given.state.findIndex((other) => other.validator === json.validator) + 1;
        return recordOf(json, number);
      });
      expect(new Map(result.wrappers)).toEqual(new Map(updated.map((w) => [w.address, w])));
      expect(result.balances.get(delegator) ?? 0n).toBe(-BigInt(out!.balanceDeducted!));
      const sources = Object.entries(out!.fromLockedTokens!).sort(([a], [b]) => (a < b ? -1 : 1));
      expect(
        result.logs.map(({ address: at, topics, data }) => [at, topics, bytesToPlainHex(data)]),
      ).toEqual(
        sources.map(([source, amount]) => {
          const hex = BigInt(amount).toString(16);
          const even = hex.length % 2 === 0 ? hex : `0${hex}`;
          return [delegator, [STAKING_HASHES.delegateTopic], source.slice(2) + even];
        }),
      );
      balanced(view, message, network, epoch);
    });
  }
});

describe('undelegate', () => {
  interface UndelegateIn {
    readonly amount: string;
    readonly delegator: Address;
    readonly epoch: number;
    readonly state: readonly RecordJson[];
    readonly validator: Address;
  }
  const vectors = loadVectors<UndelegateIn, { updated?: RecordJson; error?: string }>(
    import.meta.url,
    'undelegate',
    { out: ['updated', 'error'] },
  );
  for (const { name, in: given, out } of vectors) {
    test.each(MODES)(`${name}, %s`, (replayMode) => {
      const network = networkWith({});
      const view = ledgerOf({ wrappers: given.state.map((json, i) => recordOf(json, i + 1)) });
      const message = {
        type: 'undelegate',
        delegatorAddress: given.delegator,
        validatorAddress: given.validator,
        amount: BigInt(given.amount),
      } as const;
      const epoch = BigInt(given.epoch);
      const context = registration(network, { replayMode, epoch });
      if (out!.error !== undefined) {
        expect(refusalOf(() => undelegate(view, message, context))?.message).toBe(out!.error);
        return;
      }
      const result = undelegate(view, message, context);
      expect(result.wrappers.get(given.validator)).toEqual(recordOf(out!.updated!, 1));
      expect([result.balances.size, result.logs.length]).toEqual([0, 0]);
      balanced(view, message, network, epoch);
    });
  }
});

describe('collect rewards', () => {
  interface CollectIn {
    readonly delegationIndexes: readonly { readonly index: number; readonly validator: Address }[];
    readonly rewards: readonly string[];
  }
  const vectors = loadVectors<CollectIn, { total?: string; error?: string }>(
    import.meta.url,
    'collect-rewards',
    { in: ['delegationIndexes', 'rewards'], out: ['total', 'error'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const delegator = address(102);
      const view = viewWith(
        ledgerOf({
          wrappers: given.rewards.map((reward, i) =>
            record(i + 1, {
              delegations: [
                share(address(i + 1), 20_000n * ONE),
                share(delegator, 5n, { reward: BigInt(reward) }),
              ],
            }),
          ),
        }),
        { delegationsOf: () => given.delegationIndexes.map((e) => ({ ...e, blockNumber: 1n })) },
      );
      const message = { type: 'collect-rewards', delegatorAddress: delegator } as const;
      const network = networkWith({});
      const context = registration(network);
      if (out!.error !== undefined) {
        expect(refusalOf(() => collectRewards(view, message, context))?.message).toBe(out!.error);
        return;
      }
      const result = collectRewards(view, message, context);
      expect(result.balances).toEqual(new Map([[delegator, BigInt(out!.total!)]]));
      for (const wrapper of result.wrappers.values()) {
        expect(wrapper.delegations[1]!.reward).toBe(0n);
      }
      expect(BigInt(`0x${bytesToPlainHex(result.logs[0]!.data)}`)).toBe(BigInt(out!.total!));
      expect(result.logs[0]!.topics).toEqual([STAKING_HASHES.collectRewardsTopic]);
      balanced(view, message, network, 5n);
    });
  }
});
