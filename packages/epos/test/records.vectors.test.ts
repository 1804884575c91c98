/** Bytes, hashes and rules of records against vectors. */

import { legacyPossessionMessage } from '@polyphony/bls';
import { encodeStakingCall } from '@polyphony/chain';
import {
  type Address,
  bytesToPlainHex,
  hexToBytes,
  keccak256,
  parseDec,
  utf8ToBytes,
} from '@polyphony/primitives';
import { hostileBytes, loadVectors, mutateBytes, seededRandom } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { EposError } from '../src/errors.js';
import { STAKING_HASHES } from '../src/staking-hashes.js';
import type { ValidatorStatus, ValidatorWrapper } from '../src/types.js';
import {
  assertValidWrapper,
  decodeValidatorWrapper,
  encodeValidatorWrapper,
  isValidWrapper,
  totalDelegation,
  totalHoldings,
} from '../src/wrapper.js';
import { address, key, ONE, refusalOf, share } from './support.js';

interface WrapperIn {
  readonly address: Address;
  readonly blockReward: string;
  readonly counters: { readonly signed: string; readonly toSign: string };
  readonly creationHeight: string;
  readonly delegations: readonly {
    readonly amount: string;
    readonly delegator: Address;
    readonly reward: string;
    readonly undelegations: readonly { readonly amount: string; readonly epoch: string }[];
  }[];
  readonly description: readonly [string, string, string, string, string];
  readonly keys: readonly string[];
  readonly lastEpochInCommittee: string;
  readonly maxChangeRate: string;
  readonly maxRate: string;
  readonly maxTotalDelegation: string;
  readonly minSelfDelegation: string;
  readonly rate: string;
  readonly status: number;
  readonly updateHeight: string;
}

function wrapperOf(given: WrapperIn): ValidatorWrapper {
  const [name, identity, website, securityContact, details] = given.description;
  const statuses: readonly ValidatorStatus[] = ['nil', 'active', 'inactive', 'banned'];
  return {
    address: given.address,
    blsPublicKeys: given.keys.map((text) => hexToBytes(`0x${text}`)),
    lastEpochInCommittee: BigInt(given.lastEpochInCommittee),
    minSelfDelegation: BigInt(given.minSelfDelegation),
    maxTotalDelegation: BigInt(given.maxTotalDelegation),
    status: statuses[given.status]!,
    commission: {
      rate: parseDec(given.rate),
      maxRate: parseDec(given.maxRate),
      maxChangeRate: parseDec(given.maxChangeRate),
      updateHeight: BigInt(given.updateHeight),
    },
    description: { name, identity, website, securityContact, details },
    creationHeight: BigInt(given.creationHeight),
    delegations: given.delegations.map((entry) => ({
      delegator: entry.delegator,
      amount: BigInt(entry.amount),
      reward: BigInt(entry.reward),
      undelegations: entry.undelegations.map((item) => ({
        amount: BigInt(item.amount),
        epoch: BigInt(item.epoch),
      })),
    })),
    counters: { toSign: BigInt(given.counters.toSign), signed: BigInt(given.counters.signed) },
    blockReward: BigInt(given.blockReward),
  };
}

describe('bytes', () => {
  const vectors = loadVectors<WrapperIn, { rlp: string; keccak256?: string }>(
    import.meta.url,
    'validator-wrapper',
    { out: ['rlp', 'keccak256'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const wrapper = wrapperOf(given);
      const bytes = encodeValidatorWrapper(wrapper);
      expect(bytesToPlainHex(bytes)).toBe(out!.rlp);
      if (out!.keccak256 !== undefined) {
        expect(bytesToPlainHex(keccak256(bytes))).toBe(out!.keccak256);
      }
      expect(decodeValidatorWrapper(bytes)).toEqual(wrapper);
    });
  }

  const sample = encodeValidatorWrapper(wrapperOf(vectors[0]!.in));

  test.each(hostileBytes)('refuses %s', (_name, bytes) => {
    expect(refusalOf(() => decodeValidatorWrapper(bytes))?.code).toBe('epos/invalid-encoding');
  });

  test('changed bytes are refused, or are the bytes of what they decode to', () => {
    const random = seededRandom(Number(process.env.SEED ?? 5));
    for (let i = 0; i < 2000; i++) {
      const bytes = mutateBytes(sample, random);
      try {
        expect(encodeValidatorWrapper(decodeValidatorWrapper(bytes))).toEqual(bytes);
      } catch (error) {
        if (!(error instanceof EposError)) throw error;
        expect(error.code).toBe('epos/invalid-encoding');
      }
    }
  });

  test('what has no bytes is refused', () => {
    const wrapper = decodeValidatorWrapper(sample);
    const broken: readonly ValidatorWrapper[] = [
      { ...wrapper, blockReward: -1n },
      { ...wrapper, blockReward: 1n << 256n },
      { ...wrapper, creationHeight: 1n << 64n },
      { ...wrapper, blsPublicKeys: [new Uint8Array(47)] },
      { ...wrapper, commission: { ...wrapper.commission, rate: parseDec('-0.1') } },
    ];
    for (const value of broken) {
      expect(refusalOf(() => encodeValidatorWrapper(value))?.code).toBe('epos/invalid-encoding');
    }
  });

  test('an unknown status is refused', () => {
    const wrapper = decodeValidatorWrapper(sample);
    const inactive = encodeValidatorWrapper({ ...wrapper, status: 'inactive' });
    const at = inactive.findIndex((byte, i) => byte !== sample[i]);
    for (const [status, known] of [
      [3, true],
      [4, false],
      [127, false],
    ] as const) {
      const bytes = inactive.slice();
      bytes[at] = status;
      expect(refusalOf(() => decodeValidatorWrapper(bytes)) === undefined).toBe(known);
    }
  });
});

interface SanityChange {
  readonly nameBytes?: number;
  readonly nameRunes?: number;
  readonly identityBytes?: number;
  readonly securityContactBytes?: number;
  readonly detailsBytes?: number;
  readonly keys?: number;
  readonly duplicateKeys?: boolean;
  readonly maxTotalDelegation?: string;
  readonly rate?: string;
  readonly maxRate?: string;
  readonly maxChangeRate?: string;
  readonly delegations?: readonly string[];
  readonly status?: ValidatorStatus;
}

function changed(change: SanityChange): ValidatorWrapper {
  const name =
    change.nameRunes === undefined
      ? 'n'.repeat(change.nameBytes ?? 1)
      : 'é'.repeat(change.nameRunes);
  const keys = change.duplicateKeys
    ? [key('k0'), key('k0')]
    : Array.from({ length: change.keys ?? 1 }, (_, i) => key(`k${i}`));
  const [own, other] = change.delegations ?? [`${10_000n * ONE}`, `${2_000n * ONE}`];
  return {
    address: address(1),
    blsPublicKeys: keys,
    lastEpochInCommittee: 20n,
    minSelfDelegation: 10_000n * ONE,
    maxTotalDelegation: BigInt(change.maxTotalDelegation ?? 12_000n * ONE),
    status: change.status ?? 'active',
    commission: {
      rate: parseDec(change.rate ?? '0'),
      maxRate: parseDec(change.maxRate ?? '0'),
      maxChangeRate: parseDec(change.maxChangeRate ?? '0'),
      updateHeight: 1n,
    },
    description: {
      name,
      identity: 'i'.repeat(change.identityBytes ?? 1),
      website: 'w',
      securityContact: 's'.repeat(change.securityContactBytes ?? 1),
      details: 'd'.repeat(change.detailsBytes ?? 1),
    },
    creationHeight: 1n,
    delegations: [share(address(1), BigInt(own!)), share(address(200), BigInt(other!))],
    counters: { toSign: 0n, signed: 0n },
    blockReward: 0n,
  };
}

describe('rules of every record', () => {
  const vectors = loadVectors<SanityChange, { error: string | null }>(
    import.meta.url,
    'validator-sanity',
    { out: ['error'] },
  );
  for (const { name, in: change, out } of vectors) {
    test(name, () => {
      const wrapper = changed(change);
      const error = refusalOf(() => assertValidWrapper(wrapper));
      expect(error?.message ?? null).toBe(out!.error);
      expect(isValidWrapper(wrapper)).toBe(out!.error === null);
    });
  }

  test('rules that the vectors leave out, with their values', () => {
    const base = changed({});
    const cases: readonly (readonly [ValidatorWrapper, string])[] = [
      [
        { ...base, description: { ...base.description, website: 'w'.repeat(141) } },
        'exceed Maximum Length website 141 140',
      ],
      [{ ...base, blsPublicKeys: [] }, 'need at least one slot key'],
      [
        { ...base, minSelfDelegation: 1n },
        'delegation-given 1: min_self_delegation must be greater than or equal to 10,000 ONE',
      ],
      [
        changed({ rate: '0.5', maxRate: '0.4' }),
        'rate:0.5 max rate:0.4: commission rate and change rate can not be larger than max commission rate',
      ],
      [
        { ...base, delegations: [] },
        'no self delegation given at all: self delegation can not be less than min_self_delegation',
      ],
    ];
    for (const [wrapper, text] of cases) {
      expect(refusalOf(() => assertValidWrapper(wrapper))?.message).toBe(text);
    }
  });

  test('sums', () => {
    const wrapper = changed({});
    const first = share(address(1), 5n, {
      reward: 7n,
      undelegations: [{ amount: 11n, epoch: 1n }],
    });
    expect(totalDelegation(wrapper)).toBe(12_000n * ONE);
    expect(totalDelegation({ ...wrapper, delegations: [first, first] })).toBe(10n);
    expect(totalHoldings({ ...wrapper, delegations: [first, first] })).toBe(46n);
  });
});

describe('hashes', () => {
  const named: Readonly<Record<string, string>> = {
    'Harmony/IsValidator/Key/v1': STAKING_HASHES.validatorPlace,
    'Harmony/IsValidator/Value/v1': STAKING_HASHES.validatorMark,
    'Harmony/CollectRewards': STAKING_HASHES.collectRewardsTopic,
    'Harmony/Delegate': STAKING_HASHES.delegateTopic,
    'Harmony/UnDelegate': STAKING_HASHES.undelegateTopic,
    'Harmony/FirstElectionEpoch/Key/v1': STAKING_HASHES.firstElectionEpochPlace,
    'harmony-one': `0x${bytesToPlainHex(legacyPossessionMessage())}`,
  };
  const delegator = address(1);
  const selectors: Readonly<Record<string, Uint8Array>> = {
    'CollectRewards(address)': encodeStakingCall({
      type: 'collect-rewards',
      delegatorAddress: delegator,
    }),
    'Undelegate(address,address,uint256)': encodeStakingCall({
      type: 'undelegate',
      delegatorAddress: delegator,
      validatorAddress: delegator,
      amount: 1n,
    }),
  };
  const vectors = loadVectors<{ text: string }, { keccak256?: string; selector?: string }>(
    import.meta.url,
    'staking-hashes',
    { in: ['text'], out: ['keccak256', 'selector'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      if (out!.selector !== undefined) {
        expect(bytesToPlainHex(selectors[given.text]!.subarray(0, 4))).toBe(out!.selector);
      } else {
        expect(named[given.text]).toBe(`0x${out!.keccak256}`);
      }
    });
  }

  test('each is the hash of its text', () => {
    for (const [text, hash] of Object.entries(named)) {
      expect(`0x${bytesToPlainHex(keccak256(utf8ToBytes(text)))}`).toBe(hash);
    }
  });
});
