/** Unintended rules of elections, slashing and the end of an epoch, each in both modes. */
import type { SlashRecord } from '@polyphony/chain';
import { defineNetwork, type GenesisAccounts, mainnet, testnet } from '@polyphony/networks';
import {
  type Address,
  bytesToHex,
  decFromBigInt,
  type Hash,
  parseDec,
} from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { describe, expect, test } from 'vitest';
import { applySlashes, orderSlashes, type SlashContext } from '../src/apply-slashes.js';
import { signingOf } from '../src/availability.js';
import { type Candidate, holdElection, prepareOrders } from '../src/election.js';
import { endEpoch } from '../src/finish-block.js';
import { createStakingLedger } from '../src/ledger.js';
import { slashDelegations } from '../src/slash.js';
import { assertValidEvidence } from '../src/slash-evidence.js';
import type { Delegation, ReplayMode, Transition } from '../src/types.js';
import { address, key, ledgerOf, networkWith, ONE, record, refusalOf, share } from './support.js';

const MODES: readonly ReplayMode[] = ['upstream', 'strict'];

/** A network with elections: two shards, Harmony's keys change at epoch 6. */
const network = defineNetwork({
  ...networkWith({}),
  sharding: [
    {
      fromEpoch: 0n,
      shardCount: 2,
      slotsPerShard: 3,
      harmonySlotsPerShard: 1,
      harmonyVoteShare: parseDec('0.5'),
    },
  ],
});
const harmony = (name: string, number: number) => ({
  address: address(number),
  blsPublicKey: bytesToHex(key(name)),
});
const accounts: GenesisAccounts = {
  harmonyAccountsAt: (epoch) =>
    epoch < 6n
      ? [harmony('k100', 100), harmony('k101', 101)]
      : [harmony('k100', 100), harmony('k102', 102)],
  externalAccountsAt: () => [],
};

function candidate(number: number, names: readonly string[], stake = 10n): Candidate {
  return {
    address: address(number),
    status: 'active',
    lastEpochInCommittee: 0n,
    blsPublicKeys: names.map(key),
    stake: stake * ONE,
  };
}

describe('Q2: the keys of a validator that is out stay taken', () => {
  const candidates = [
    candidate(1, ['k1']),
    // Out by its second key; its first and third are taken along.
    candidate(2, ['k2', 'k1', 'k3']),
    candidate(3, ['k2']),
    candidate(4, ['k3']),
    candidate(5, ['k4']),
  ];
  const biddersIn = (replayMode: ReplayMode) =>
    prepareOrders(candidates, { network, accounts, epoch: 5n, replayMode }).map(
      (order) => order.address,
    );

  test('upstream', () => {
    expect(biddersIn('upstream')).toEqual([address(1), address(5)]);
  });

  test('strict: they are free for the next', () => {
    expect(biddersIn('strict')).toEqual([1, 3, 4, 5].map(address));
  });
});

describe("Q3: Harmony's keys of the ending epoch are excluded", () => {
  const candidates = [candidate(1, ['k101']), candidate(2, ['k102'])];
  const biddersIn = (replayMode: ReplayMode) =>
    prepareOrders(candidates, { network, accounts, epoch: 5n, replayMode }).map(
      (order) => order.address,
    );

  test('upstream: a key may be in two slots of the next committees', () => {
    expect(biddersIn('upstream')).toEqual([address(2)]);
  });

  test('strict: those of the next epoch', () => {
    expect(biddersIn('strict')).toEqual([address(1)]);
  });
});

describe('without winners', () => {
  const current: ShardState = {
    epoch: 485n,
    committees: [{ shardId: 0, slots: [] }],
  };
  const electedIn = (
    where: typeof testnet,
    epoch: bigint,
    replayMode: ReplayMode,
  ): readonly number[] => {
    const many: GenesisAccounts = {
      harmonyAccountsAt: () =>
        Array.from({ length: 400 }, (_, i) => harmony(`k${i % 250}`, (i % 250) + 1)),
      externalAccountsAt: () => [],
    };
    const context = { network: where, accounts: many, epoch, replayMode };
    const { shardState, winners, median, elected } = holdElection([], current, context);
    expect(winners).toEqual([]);
    expect(median).toBe(0n);
    expect(elected).toEqual([]);
    expect(shardState.epoch).toBe(epoch + 1n);
    return shardState.committees.map(({ slots }) => slots.length);
  };

  test.each(MODES)('the committees go on, %s', (mode) => {
    expect(electedIn(testnet, 484n, mode)).toEqual([0]);
    expect(electedIn(mainnet, 1671n, mode)).toEqual([0]);
  });

  test('with another number of shards Harmony goes on alone: on testnet, or in strict mode', () => {
    for (const mode of MODES) expect(electedIn(testnet, 485n, mode)).toEqual([8, 8]);
    expect(electedIn(mainnet, 1672n, 'upstream')).toEqual([0]);
    expect(electedIn(mainnet, 1672n, 'strict')).toEqual([20, 20]);
  });
});

describe('Q6: the stake of others is what the snapshot holds less the own stake of today', () => {
  const rules = {
    upstream: { epoch: 4n, ownStake: 'current', skipsWithoutExternalStake: false },
    strict: { epoch: 4n, ownStake: 'snapshot', skipsWithoutExternalStake: true },
  } as const;
  const list = (own: bigint, other: bigint): readonly Delegation[] => [
    share(address(1), own * ONE),
    share(address(2), other * ONE),
  ];
  const amounts = (mode: ReplayMode, before: readonly Delegation[], now: readonly Delegation[]) => {
    const { delegations, slashed, reward } = slashDelegations(before, now, rules[mode]);
    return [...delegations.map(({ amount }) => amount), slashed, reward].map((n) => n / ONE);
  };

  test('upstream: others pay more when the own stake grew, less when it shrank', () => {
    expect(amounts('upstream', list(40n, 40n), list(60n, 40n))).toEqual([40n, 8n, 52n, 26n]);
    expect(amounts('upstream', list(40n, 40n), list(20n, 40n))).toEqual([0n, 29n, 30n, 15n]);
  });

  test('upstream: others are given something when the own stake passed the whole snapshot', () => {
    // 20 taken, 16 owed by others with a stake of 80 - 100.
    expect(amounts('upstream', list(40n, 40n), list(100n, 40n))).toEqual([80n, 72n, -12n, -6n]);
  });

  test('upstream: no stake of others is a division by zero', () => {
    const panic = refusalOf(() => amounts('upstream', list(40n, 0n), list(40n, 0n)));
    expect(panic?.message).toBe('division by zero');
    expect(panic?.code).toBe('epos/slash-no-external-stake');
    expect(refusalOf(() => amounts('upstream', list(40n, 40n), list(80n, 40n)))).toBeDefined();
  });

  test('strict: the others pay 0.8 of what the validator pays, or nothing without a stake', () => {
    for (const own of [20n, 40n, 60n, 80n, 100n]) {
      expect(amounts('strict', list(40n, 40n), list(own, 40n))).toEqual([own - 20n, 24n, 36n, 18n]);
    }
    expect(amounts('strict', list(40n, 0n), list(40n, 0n))).toEqual([20n, 0n, 20n, 10n]);
  });
});

const hash = (byte: string): Hash => `0x${byte.repeat(32)}`;

function slashAt(
  offender: number,
  moment: Partial<SlashRecord['evidence']>,
  names: readonly string[] = ['k0'],
): SlashRecord {
  const vote = (byte: string) => ({
    signerPublicKeys: names.map(key),
    blockHash: hash(byte),
    signature: new Uint8Array(96),
  });
  return {
    evidence: {
      epoch: 4n,
      shardId: 0,
      height: 85n,
      viewId: 85n,
      firstVote: vote('aa'),
      secondVote: vote('bb'),
      offender: address(offender),
      ...moment,
    },
    reporter: address(8),
  };
}

function slashContext(replayMode: ReplayMode): SlashContext {
  return {
    network: networkWith({}),
    epoch: 5n,
    blockNumber: 110n,
    coinbase: address(9),
    replayMode,
  };
}

describe('Q7: groups of records are sorted by something that is no order', () => {
  const heights = (records: readonly SlashRecord[], mode: ReplayMode) =>
    orderSlashes(records, slashContext(mode)).map(
      ({ evidence }) => `${evidence.shardId}/${evidence.height}`,
    );
  const a = slashAt(1, { shardId: 1, height: 81n });
  const b = slashAt(1, { shardId: 0, height: 82n });

  test('upstream: each of two groups comes before the other', () => {
    expect(heights([a, b], 'upstream')).toEqual(['0/82', '1/81']);
    expect(heights([b, a], 'upstream')).toEqual(['1/81', '0/82']);
  });

  test('strict: one order', () => {
    expect(heights([a, b], 'strict')).toEqual(['0/82', '1/81']);
    expect(heights([b, a], 'strict')).toEqual(['0/82', '1/81']);
  });

  test('a second record for one offender is applied again, in strict mode it is not', () => {
    const ledger = ledgerOf({
      epoch: 4n,
      wrappers: [record(1, { delegations: [share(address(1), 40_000n * ONE)] })],
    });
    const left = (mode: ReplayMode) =>
      applySlashes(ledger, [a, b], slashContext(mode)).wrappers.get(address(1))!.delegations[0]!
        .amount / ONE;
    expect(left('upstream')).toBe(0n);
    expect(left('strict')).toBe(20_000n);
  });
});

describe('Q8: a vote of several keys of one validator proves nothing', () => {
  const slots = [
    ['k0', 1],
    ['k1', 1],
    ['k2', 2],
  ] as const;
  const committees: ShardState = {
    epoch: 4n,
    committees: [
      {
        shardId: 0,
        slots: slots.map(([name, owner]) => ({
          address: address(owner),
          blsPublicKey: key(name),
          effectiveStake: decFromBigInt(ONE),
        })),
      },
    ],
  };
  const codeIn = (mode: ReplayMode, names: readonly string[]) => {
    const context = {
      ...slashContext(mode),
      committeesAt: () => committees,
      bls: { verifyAggregate: () => true },
    };
    const ledger = ledgerOf({ epoch: 4n, wrappers: [record(1), record(2)] });
    return refusalOf(() => assertValidEvidence(ledger, slashAt(1, {}, names), context))?.code;
  };

  test('upstream', () => {
    expect(codeIn('upstream', ['k0', 'k1'])).toBe('epos/slash-many-signers');
    expect(codeIn('upstream', ['k0'])).toBeUndefined();
  });

  test('strict: it does, and keys of two validators still do not', () => {
    expect(codeIn('strict', ['k0', 'k1'])).toBeUndefined();
    expect(codeIn('strict', ['k0', 'k2'])).toBe('epos/slash-many-signers');
  });
});

describe('Q12: signatures that the last block of an epoch counts belong to the next epoch', () => {
  const one: Address = address(1);
  const counted = (signed: bigint): Transition['wrappers'] =>
    new Map([
      [one, record(1, { lastEpochInCommittee: 5n, counters: { toSign: 9n, signed: 3n + signed } })],
    ]);
  const nothing = {
    balances: new Map(),
    logs: [],
    created: [],
    firstElectionEpochs: new Map(),
    issued: 0n,
    burned: 0n,
  };

  test.each(MODES)('each block is counted in one epoch, %s', (replayMode) => {
    const committee: ShardState = {
      epoch: 5n,
      committees: [
        {
          shardId: 0,
          slots: [{ address: one, blsPublicKey: key('k0'), effectiveStake: decFromBigInt(ONE) }],
        },
      ],
    };
    const ledger = createStakingLedger({ wrappers: [record(1)], epoch: 5n });
    const context = (epoch: bigint, blockNumber: bigint) => ({
      ...slashContext(replayMode),
      network,
      accounts,
      epoch,
      blockNumber,
    });
    // Two blocks before the end 3 of 3 are signed; the snapshots of epoch 6 are taken after 118.
    const before = record(1, { lastEpochInCommittee: 5n, counters: { toSign: 3n, signed: 3n } });
    ledger.apply({ ...nothing, wrappers: new Map([[one, before]]) });
    ledger.endBlock(context(5n, 118n), []);
    const end = endEpoch(
      ledger,
      ledger,
      // The last block counts six that were missed.
      { current: committee, rewards: () => ({ ...nothing, wrappers: counted(0n) }) },
      context(5n, 119n),
    );
    expect(end.election.elected).toEqual([one]);
    expect(end.transition.wrappers.get(one)!.status).toBe('active');
    ledger.apply(end.transition);
    ledger.endBlock(context(5n, 119n), []);
    const measured = signingOf(ledger, ledger.wrapperOf(one)!, context(6n, 121n));
    expect(measured).toMatchObject({ toSign: 6n, signed: 0n, isBelowThreshold: true });
  });
});
