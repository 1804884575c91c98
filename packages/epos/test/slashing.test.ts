/** Evidence of double signing: every refusal in order, and what records of a header do. */
import { ietfBls } from '@polyphony/bls';
import type { SlashRecord, SlashStatement, SlashVote } from '@polyphony/chain';
import { commitPayload, strictPayload } from '@polyphony/fbft/seal';
import {
  defineNetwork,
  type Network,
  type NetworkDefinition,
  reference,
} from '@polyphony/networks';
import { decFromBigInt, type Hash } from '@polyphony/primitives';
import type { ShardState } from '@polyphony/sharding';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applySlashes, orderSlashes, type SlashContext } from '../src/apply-slashes.js';
import type { StakingLedger } from '../src/ledger.js';
import {
  assertValidEvidence,
  assertValidSlashes,
  type EvidenceContext,
} from '../src/slash-evidence.js';
import type { ReplayMode, ValidatorStatus } from '../src/types.js';
import {
  address,
  key,
  ledgerOf,
  networkWith,
  ONE,
  record,
  refusalOf,
  share,
  viewWith,
} from './support.js';

const OFFENDER = 1;
const REPORTER = 8;
const COINBASE = 9;
const hash = (byte: string): Hash => `0x${byte.repeat(32)}`;

/** Votes of the tests are signed by the byte that they are made of. */
const bls: EvidenceContext['bls'] = {
  verifyAggregate: (signature, _message, keys) => keys.length > 0 && signature[0] === 1,
};

function vote(change: Partial<SlashVote> = {}): SlashVote {
  return {
    signerPublicKeys: [key('k0')],
    blockHash: hash('aa'),
    signature: new Uint8Array(96).fill(1),
    ...change,
  };
}

function evidence(change: Partial<SlashRecord['evidence']> = {}): SlashRecord {
  return {
    evidence: {
      epoch: 4n,
      shardId: 0,
      height: 85n,
      viewId: 85n,
      firstVote: vote(),
      secondVote: vote({ blockHash: hash('bb') }),
      offender: address(OFFENDER),
      ...change,
    },
    reporter: address(REPORTER),
  };
}

const committees: ShardState = {
  epoch: 4n,
  committees: [
    {
      shardId: 0,
      slots: [
        ['k0', 1],
        ['k1', 1],
        ['k2', 2],
      ].map(([name, owner]) => ({
        address: address(owner as number),
        blsPublicKey: key(name as string),
        effectiveStake: decFromBigInt(ONE),
      })),
    },
  ],
};

function contextOf(
  network: Network,
  replayMode?: ReplayMode,
  change: Partial<EvidenceContext & SlashContext> = {},
): EvidenceContext & SlashContext {
  return {
    network,
    epoch: 5n,
    blockNumber: 110n,
    committeesAt: (epoch) => (epoch === 4n ? committees : undefined),
    bls,
    coinbase: address(COINBASE),
    ...(replayMode === undefined ? {} : { replayMode }),
    ...change,
  };
}

function stakes(status: ValidatorStatus = 'active'): StakingLedger {
  return ledgerOf({
    epoch: 4n,
    wrappers: [
      record(1, {
        status,
        delegations: [share(address(1), 40_000n * ONE), share(address(5), 30_000n * ONE)],
      }),
      record(2),
    ],
  });
}

const plain = networkWith({});
const repairs: NetworkDefinition['activations'] = {
  slashBallotSignerFix: 0n,
  verifyBeaconHeaderSlash: 0n,
  rejectDuplicateSlashEvidence: 0n,
  slashGroupOrderFix: 0n,
  slashExternalStakeDenomFix: 0n,
};
const repaired = networkWith(repairs);
const double = [key('k0'), key('k1')];

describe('evidence', () => {
  const codeOf = (slash: SlashRecord, context = contextOf(plain), ledger = stakes()) =>
    refusalOf(() => assertValidEvidence(ledger, slash, context))?.code;

  test('holds when everything does', () => {
    for (const mode of ['upstream', 'strict'] as const) {
      expect(codeOf(evidence(), contextOf(repaired, mode))).toBeUndefined();
      expect(codeOf(evidence(), contextOf(plain, mode))).toBeUndefined();
    }
  });

  const early = networkWith({ staking: 5n, aggregatedReward: 5n });
  // Each record breaks the rule of its row and all rows below it that it can.
  const wrong = { firstVote: vote({ signature: new Uint8Array(96) }) };
  test.each([
    ['epos/address-not-in-state', evidence({ offender: address(7) }), contextOf(early), 'active'],
    ['epos/slash-before-staking', evidence(wrong), contextOf(early), 'banned'],
    [
      'epos/slash-already-banned',
      { ...evidence(wrong), reporter: address(OFFENDER) },
      contextOf(plain),
      'banned',
    ],
    [
      'epos/slash-reporter-is-offender',
      {
        ...evidence({ firstVote: vote({ signerPublicKeys: [new Uint8Array(47)] }) }),
        reporter: address(OFFENDER),
      },
      contextOf(plain),
      'active',
    ],
    [
      'epos/slash-key-size',
      evidence({
        firstVote: vote({ signerPublicKeys: [new Uint8Array(47)] }),
        secondVote: vote(),
      }),
      contextOf(plain),
      'active',
    ],
    [
      'epos/slash-same-block',
      evidence({ firstVote: vote({ signerPublicKeys: [key('k2')] }), secondVote: vote() }),
      contextOf(plain),
      'active',
    ],
    [
      'epos/slash-no-common-key',
      evidence({ epoch: 9n, firstVote: vote({ signerPublicKeys: [key('k2')] }) }),
      contextOf(plain),
      'active',
    ],
    ['epos/slash-from-future', evidence({ epoch: 6n }), contextOf(plain), 'active'],
    // In the first block of an epoch the node knows the epoch before only.
    [
      'epos/slash-from-future',
      evidence({ epoch: 5n, height: 100n }),
      contextOf(plain, 'upstream', { blockNumber: 100n }),
      'active',
    ],
    [
      'epos/slash-epoch-mismatch',
      evidence({ height: 79n, shardId: 3 }),
      contextOf(plain),
      'active',
    ],
    ['epos/slash-no-committee', evidence({ shardId: 3 }), contextOf(plain), 'active'],
    ['epos/slash-no-committee', evidence({ epoch: 3n, height: 60n }), contextOf(plain), 'active'],
    [
      'epos/slash-key-not-in-committee',
      evidence({
        firstVote: vote({ signerPublicKeys: [key('k0'), key('k7')] }),
        secondVote: vote({ signerPublicKeys: [key('k7'), key('k0')], blockHash: hash('bb') }),
      }),
      contextOf(plain),
      'active',
    ],
    [
      'epos/slash-many-signers',
      evidence({
        firstVote: vote({ signerPublicKeys: [key('k0'), key('k2')] }),
        secondVote: vote({ signerPublicKeys: [key('k0'), key('k2')], blockHash: hash('bb') }),
        offender: address(2),
      }),
      contextOf(plain),
      'active',
    ],
    [
      'epos/slash-wrong-offender',
      evidence({ ...wrong, offender: address(2) }),
      contextOf(plain),
      'active',
    ],
    [
      'epos/slash-signers-mismatch',
      evidence({ firstVote: vote({ signerPublicKeys: double, signature: new Uint8Array(96) }) }),
      contextOf(repaired),
      'active',
    ],
    ['epos/slash-invalid-signature', evidence(wrong), contextOf(plain), 'active'],
    [
      'epos/slash-invalid-signature',
      evidence({ secondVote: vote({ blockHash: hash('bb'), signature: new Uint8Array(96) }) }),
      contextOf(repaired),
      'active',
    ],
  ] as const)('%s', (code, slash, context, status) => {
    expect(codeOf(slash, context, stakes(status))).toBe(code);
  });

  test('texts are those of the node', () => {
    const textOf = (slash: SlashRecord) =>
      refusalOf(() => assertValidEvidence(stakes(), slash, contextOf(plain)))?.message;
    expect(textOf(evidence({ epoch: 6n }))).toBe(
      'current-epoch 5: cannot have slash from future epoch',
    );
    expect(textOf(evidence({ offender: address(2) }))).toBe(
      "offender address (0200000000000000000000000000000000000002) does not match the signer's address ([0100000000000000000000000000000000000001])",
    );
  });

  test('in the first block of an epoch strict mode knows the epoch', () => {
    const change = {
      blockNumber: 100n,
      committeesAt: () => committees,
    };
    const slash = evidence({ epoch: 5n, height: 100n });
    expect(codeOf(slash, contextOf(plain, 'strict', change))).toBeUndefined();
  });

  test('the signatures are those of commit votes of the evidence', () => {
    const real = ietfBls();
    const secretKey = new Uint8Array(32).fill(7);
    const publicKey = real.getPublicKey(secretKey);
    const signed = (blockHash: Hash, viewId: bigint) =>
      vote({
        signerPublicKeys: [publicKey],
        blockHash,
        signature: real.sign(commitPayload(85n, blockHash, viewId, true), secretKey),
      });
    const state: ShardState = {
      epoch: 4n,
      committees: [
        {
          shardId: 0,
          slots: [
            {
              address: address(1),
              blsPublicKey: publicKey,
              effectiveStake: decFromBigInt(ONE),
            },
          ],
        },
      ],
    };
    const context = contextOf(repaired, 'upstream', { bls: real, committeesAt: () => state });
    const votes = (viewId: bigint) =>
      evidence({
        firstVote: signed(hash('aa'), 85n),
        secondVote: signed(hash('bb'), viewId),
      });
    expect(codeOf(votes(85n), context)).toBeUndefined();
    // Votes at another view are no offence.
    expect(codeOf(votes(86n), context)).toBe('epos/slash-invalid-signature');
  });
});

describe('evidence under consensus version 2', () => {
  const network = networkWith({}, 20n, 10n, { consensusVersion: 2 });
  const real = ietfBls();
  const secretKeys = [7, 8, 9].map((byte) => new Uint8Array(32).fill(byte));
  const publicKeys = secretKeys.map((secretKey) => real.getPublicKey(secretKey));
  // Two keys of the offender and one of another member.
  const state: ShardState = {
    epoch: 4n,
    committees: [0, 3].map((shardId) => ({
      shardId,
      slots: publicKeys.map((blsPublicKey, i) => ({
        address: address(i < 2 ? OFFENDER : 2),
        blsPublicKey,
        effectiveStake: decFromBigInt(ONE),
      })),
    })),
  };
  const context = contextOf(network, undefined, { bls: real, committeesAt: () => state });

  interface Said extends SlashStatement {
    readonly blockHash: Hash;
    readonly signers?: readonly number[];
    readonly shardId?: number;
  }
  const commit = (viewId: bigint, block = 'aa'): Said => ({
    kind: 'commit',
    viewId,
    blockHash: hash(block),
    justifiedBy: 0n,
  });
  const prepare = (viewId: bigint, justifiedBy = 0n, block = 'aa'): Said => ({
    kind: 'prepare',
    viewId,
    blockHash: hash(block),
    justifiedBy,
  });
  const cast = ({ signers = [0], shardId = 0, blockHash, ...statement }: Said): SlashVote => {
    const payload = strictPayload(
      { chainId: network.chainId, shardId, epoch: 4n },
      {
        kind: statement.kind,
        height: 1000n,
        viewId: statement.viewId,
        hash: blockHash,
        certificateView: statement.justifiedBy,
      },
    );
    return {
      signerPublicKeys: signers.map((i) => publicKeys[i]!),
      blockHash,
      signature: real.aggregateSignatures(signers.map((i) => real.sign(payload, secretKeys[i]!))),
      statement,
    };
  };
  /** At a height of another epoch by the beacon's schedule: shards have their own. */
  const found = (one: Said, two: Said, change: Partial<SlashRecord['evidence']> = {}) =>
    refusalOf(() =>
      assertValidEvidence(
        stakes(),
        evidence({
          height: 1000n,
          viewId: 90n,
          firstVote: cast(one),
          secondVote: cast(two),
          ...change,
        }),
        context,
      ),
    )?.code;

  test.each([
    ['two commit votes in one view', commit(90n), commit(90n, 'bb')],
    ['two prepare votes in one view', prepare(90n), prepare(90n, 0n, 'bb')],
    ['one block prepared with two reasons', prepare(90n), prepare(90n, 88n)],
    ['a broken lock', commit(88n), prepare(90n, 87n, 'bb')],
    ['votes of other keys of the operator', { ...commit(90n), signers: [0, 1] }, commit(90n, 'bb')],
  ] as const)('%s', (_, one, two) => {
    expect(found(one, two)).toBeUndefined();
    expect(found(two, one)).toBeUndefined();
  });

  test('of every shard', () => {
    const votes = [commit(90n), commit(90n, 'bb')].map((said) => ({ ...said, shardId: 3 }));
    expect(found(votes[0]!, votes[1]!, { shardId: 3 })).toBeUndefined();
    expect(found(votes[0]!, votes[1]!)).toBe('epos/slash-invalid-signature');
  });

  test.each([
    ['one vote twice', commit(90n), commit(90n), 'epos/slash-same-block'],
    ['commit votes of two views', commit(89n), commit(90n, 'bb'), 'epos/slash-same-block'],
    ['a carried block', commit(88n), prepare(90n, 88n), 'epos/slash-same-block'],
    ['another block, justified', commit(88n), prepare(90n, 88n, 'bb'), 'epos/slash-same-block'],
    [
      'votes of two operators',
      { ...commit(90n), signers: [0, 2] },
      { ...commit(90n, 'bb'), signers: [0] },
      'epos/slash-many-signers',
    ],
    [
      'no key of both',
      { ...commit(90n), signers: [1] },
      commit(90n, 'bb'),
      'epos/slash-no-common-key',
    ],
  ] as const)('%s: no offence', (_, one, two, code) => {
    expect(found(one, two)).toBe(code);
  });

  test('a vote signs its view, its kind, its reason and the epoch', () => {
    const [one, two] = [cast(commit(90n)), cast(commit(90n, 'bb'))];
    const said = (viewId: bigint): SlashStatement => ({ kind: 'commit', viewId, justifiedBy: 0n });
    const code = (firstVote: SlashVote, secondVote: SlashVote, epoch = 4n) =>
      refusalOf(() =>
        assertValidEvidence(
          stakes(),
          evidence({ height: 1000n, viewId: 90n, firstVote, secondVote, epoch }),
          context,
        ),
      )?.code;
    expect(code(one, two)).toBeUndefined();
    const moved = { ...one, statement: said(89n) };
    expect(code(moved, { ...cast(commit(89n, 'bb')) })).toBe('epos/slash-invalid-signature');
    const prepared: SlashStatement = { ...said(90n), kind: 'prepare' };
    expect(code({ ...one, statement: prepared }, { ...two, statement: prepared })).toBe(
      'epos/slash-invalid-signature',
    );
    expect(code(one, two, 3n)).toBe('epos/slash-invalid-signature');
    const { statement: _, ...bare } = one;
    expect(code(bare, two)).toBe('epos/slash-same-block');
    expect(code(one, two, 6n)).toBe('epos/slash-from-future');
  });
});

describe('records of a header', () => {
  const swapped = evidence({ firstVote: vote({ blockHash: hash('bb') }), secondVote: vote() });
  const forged = evidence({ firstVote: vote({ signature: new Uint8Array(96) }) });
  const errorOf = (records: readonly SlashRecord[], network: Network, mode?: ReplayMode) =>
    refusalOf(() => assertValidSlashes(stakes(), records, contextOf(network, mode)));

  test.each([
    ['the same evidence twice', [evidence(), evidence()]],
    ['the votes swapped', [evidence(), swapped]],
    ['another reporter', [evidence(), { ...evidence(), reporter: address(7) }]],
  ])('%s is refused', (_, records) => {
    const text = 'invalid beacon slash payload in header';
    expect(errorOf(records, repaired)?.message).toBe(text);
    expect(errorOf(records, plain, 'strict')?.message).toBe(text);
    expect(errorOf(records, plain)).toBeUndefined();
  });

  test('a record that does not hold is refused with its reason', () => {
    const error = errorOf([evidence(), forged], repaired);
    expect(error?.code).toBe('epos/invalid-slash-payload');
    expect(error?.message).toBe(
      'could not verify bls key signature on slash: invalid beacon slash payload in header',
    );
    expect(error?.cause).toMatchObject({ code: 'epos/slash-invalid-signature' });
    expect(errorOf([forged], plain)).toBeUndefined();
    expect(errorOf([forged], plain, 'strict')?.code).toBe('epos/invalid-slash-payload');
    expect(errorOf([evidence()], repaired)).toBeUndefined();
  });

  test('what is no refusal is thrown on', () => {
    const context = contextOf(repaired, 'upstream', {
      committeesAt: () => {
        throw new Error('no database');
      },
    });
    expect(() => assertValidSlashes(stakes(), [evidence()], context)).toThrow('no database');
  });
});

describe('applying', () => {
  const slashed = (network: Network, change: Partial<SlashContext> = {}, records = [evidence()]) =>
    applySlashes(stakes(), records, contextOf(network, undefined, change));

  test('half of the own stake, 0.8 of that from the others, half of all to the coinbase', () => {
    const result = slashed(plain);
    const wrapper = result.wrappers.get(address(1))!;
    expect(wrapper.status).toBe('banned');
    expect(wrapper.delegations.map(({ amount }) => amount)).toEqual([20_000n * ONE, 14_000n * ONE]);
    expect([...result.balances]).toEqual([[address(COINBASE), 18_000n * ONE]]);
    expect(result.burned).toBe(18_000n * ONE);
    expect(result.issued).toBe(0n);
    expect(result.logs).toEqual([]);
  });

  test('the reporter is paid where the network or the caller says so', () => {
    const paid = [[address(REPORTER), 18_000n * ONE]];
    expect([...slashed(plain, { beneficiary: 'reporter' }).balances]).toEqual(paid);
    const own = defineNetwork({ ...plain, slashBeneficiary: 'reporter' });
    expect([...slashed(own).balances]).toEqual(paid);
    expect([...slashed(own, { beneficiary: 'coinbase' }).balances][0]![0]).toBe(address(COINBASE));
    expect(reference.slashBeneficiary).toBe('reporter');
  });

  test('the legacy rule takes the power of the keys that both votes name, at least 0.02', () => {
    const legacy = { committeesAt: () => committees };
    const taken = (names: readonly string[], second = names) => {
      const keys = (list: readonly string[]) => ({ signerPublicKeys: list.map(key) });
      const votes = {
        firstVote: vote(keys(names)),
        secondVote: vote({ ...keys(second), blockHash: hash('bb') }),
      };
      const result = slashed(plain, { legacy }, [evidence(votes)]);
      return result.wrappers.get(address(1))!.delegations.map(({ amount }) => amount / ONE);
    };
    // Three equal slots, so a third per key.
    expect(taken(['k0'])).toEqual([26_666n, 20_000n]);
    expect(taken(['k0', 'k1'])).toEqual([13_333n, 10_000n]);
    expect(taken(['k0', 'k1'], ['k1'])).toEqual([26_666n, 20_000n]);
    // A key of somebody else counts nothing.
    expect(taken(['k2'])).toEqual([39_200n, 29_400n]);
    const without = { legacy: { committeesAt: () => undefined } };
    expect(refusalOf(() => slashed(plain, without))?.code).toBe('epos/slash-no-committee');
  });

  test('refused without a snapshot and without a record', () => {
    const errorOf = (slash: SlashRecord) => refusalOf(() => slashed(plain, {}, [slash]));
    const early = errorOf(evidence({ epoch: 3n }));
    expect(early?.code).toBe('epos/slash-no-snapshot');
    expect(early?.message).toMatch(/^could not find validator one1/);
    const unknown = errorOf(evidence({ offender: address(7) }));
    expect(unknown?.code).toBe('epos/slash-validator-missing');
    expect(unknown?.message).toBe(' address not present in state : validator not found');
  });

  test('a record without delegations can not be slashed', () => {
    const ledger = ledgerOf({ epoch: 4n, wrappers: [record(1, { delegations: [] })] });
    const error = refusalOf(() => applySlashes(ledger, [evidence()], contextOf(plain)));
    expect(error?.code).toBe('epos/self-delegation-too-small');
  });

  test('tokens undelegated before the epoch of the evidence are out of reach', () => {
    const before = [share(address(1), 40_000n * ONE)];
    const now = [
      share(address(1), 10_000n * ONE, {
        reward: 100n * ONE,
        undelegations: [
          { amount: 20_000n * ONE, epoch: 3n },
          { amount: 5_000n * ONE, epoch: 4n },
          { amount: 4_950n * ONE, epoch: 5n },
        ],
      }),
    ];
    const ledger = ledgerOf({ epoch: 4n, wrappers: [record(1, { delegations: before })] });
    const current = { ...ledger.wrapperOf(address(1))!, delegations: now };
    const result = applySlashes(
      viewWith(ledger, { wrapperOf: () => current }),
      [evidence()],
      contextOf(plain),
    );
    expect(result.wrappers.get(address(1))!.delegations[0]).toEqual(
      share(address(1), 0n, {
        reward: 50n * ONE,
        undelegations: [
          { amount: 20_000n * ONE, epoch: 3n },
          { amount: 0n, epoch: 4n },
          { amount: 0n, epoch: 5n },
        ],
      }),
    );
  });
});

describe('order', () => {
  test('of records of different offenders changes nothing', () => {
    const ledger = ledgerOf({
      epoch: 4n,
      wrappers: [1, 2, 3, 4].map((number) =>
        record(number, {
          delegations: [
            share(address(number), BigInt(number) * 20_001n * ONE),
            share(address(6), BigInt(number) * 3n * ONE + 7n),
          ],
        }),
      ),
    });
    const moments = fc.record({
      shardId: fc.nat(1),
      height: fc.bigInt(80n, 82n),
      viewId: fc.bigInt(80n, 82n),
    });
    const drawn = fc.tuple(moments, moments, moments, moments);
    const places = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    const sorted = <T>(map: ReadonlyMap<string, T>) =>
      [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    fc.assert(
      fc.property(drawn, places, fc.constantFrom('upstream', 'strict'), (list, order, mode) => {
        const records = list.map((moment, i) => evidence({ ...moment, offender: address(i + 1) }));
        const run = (given: readonly SlashRecord[]) => {
          const result = applySlashes(ledger, given, contextOf(plain, mode));
          return [sorted(result.wrappers), sorted(result.balances), result.burned];
        };
        expect(run(order.map((at) => records[at]!))).toEqual(run(records));
      }),
      propertyRuns(100),
    );
  });

  test('by shard, height, view and epoch; records of a moment as they stand', () => {
    const at = (shardId: number, height: bigint, viewId: bigint, epoch: bigint, reporter = 8) => ({
      ...evidence({ shardId, height, viewId, epoch }),
      reporter: address(reporter),
    });
    const sorted = [
      at(0, 1n, 9n, 4n),
      at(0, 2n, 3n, 4n, 7),
      at(0, 2n, 3n, 4n, 6),
      at(0, 2n, 4n, 3n),
      at(0, 2n, 4n, 4n),
      at(1, 1n, 1n, 1n),
    ];
    const [a, b, c, d, e, f] = sorted as [SlashRecord, ...SlashRecord[]] & readonly SlashRecord[];
    for (const mixed of [
      [f, e, d, b, c, a],
      [b, f, a, e, c, d],
    ]) {
      expect(orderSlashes(mixed as SlashRecord[], contextOf(repaired))).toEqual(sorted);
      expect(orderSlashes(mixed as SlashRecord[], contextOf(plain, 'strict'))).toEqual(sorted);
    }
  });
});
