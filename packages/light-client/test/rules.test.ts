/** Each rule of a header and of a hand-over, broken one at a time. */

import { computeHeaderHash, type Header } from '@polyphony/chain';
import { mainnet, type Network, reference, testnet } from '@polyphony/networks';
import type { Hash } from '@polyphony/primitives';
import {
  committeeOf,
  decodeShardState,
  encodeShardState,
  type ShardState,
} from '@polyphony/sharding';
import { codeOf } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertFollows,
  assertSealed,
  assertValidEpochChange,
  assertValidHeader,
  epochAfter,
  type LightClientError,
  sealedByChildren,
  sealingCommittee,
  verifyEpochChange,
  verifyHeader,
} from '../src/index.js';
import {
  harmony as bls,
  committeeOfTest,
  flipBit,
  ietf,
  makeChain,
  sealOf,
  shortNetwork,
} from './support.js';

const chain = makeChain({ blocks: 18 });
const { network } = chain;

function committeeAt(epoch: bigint, shardId = 0) {
  return sealingCommittee(network, epoch, committeeOf(chain.committeesAt(epoch), shardId));
}

function parentOf(number: number) {
  const { header } = chain.headers[number - 1]!;
  return { header, hash: computeHeaderHash(header) };
}

const nowMs = 2_000_000_000_000;

describe('a chain in which every rule is kept', () => {
  test.each(chain.headers.slice(1))('block $header.number', (sealed) => {
    const number = Number(sealed.header.number);
    const committee = committeeAt(sealed.header.epoch);
    const context = { network, bls, committee, nowMs };
    expect(verifyHeader(sealed, context)).toBe(true);
    expect(verifyHeader(sealed, { ...context, parent: parentOf(number) })).toBe(true);
    expect(epochAfter(network, parentOf(number).header)).toBe(sealed.header.epoch);
  });

  test('seals come from the next header as well', () => {
    const sealed = sealedByChildren(chain.headers.map(({ header }) => header));
    expect(sealed.slice(1)).toEqual(chain.headers.slice(1, -1));
  });

  test('the reference network, with its own suite', () => {
    const own = makeChain({ bls: ietf, network: reference, blocks: 2, shardId: 3 });
    const { header } = own.headers[1]!;
    const committee = sealingCommittee(reference, 0n, committeeOf(own.committeesAt(0n), 3));
    const parent = { header: own.headers[0]!.header, hash: header.parentHash };
    const context = { network: reference, bls: ietf, committee, parent };
    expect(verifyHeader(own.headers[1]!, context)).toBe(true);
    expect(() => verifyHeader(own.headers[1]!, { ...context, bls })).toThrow(TypeError);
  });
});

describe('a header that breaks a rule is refused before its seal is asked', () => {
  // Block 10 is inside epoch 1.
  const { header: honest, seal } = chain.headers[10]!;
  const parent = parentOf(10);
  const cases: readonly (readonly [string, Partial<Header>, RegExp])[] = [
    ['another parent', { parentHash: `0x${'11'.repeat(32)}` }, /^parentHash/],
    ['a number too high', { number: 11n }, /^number/],
    ['a number too low', { number: 9n }, /^number/],
    ['another shard', { shardId: 1 }, /^shardId/],
    ['the epoch before', { epoch: 0n }, /^epoch/],
    ['the epoch after', { epoch: 2n }, /^epoch/],
    ['another version', { version: 2, slashes: new Uint8Array(0) }, /^version must be 3/],
    ['the view of its parent', { viewId: parent.header.viewId }, /^viewId/],
    ['an older view', { viewId: 1n }, /^viewId/],
    ['the time of its parent', { timestamp: parent.header.timestamp }, /^timestamp/],
    ['a VRF of another length', { vrf: new Uint8Array(127) }, /^vrf must be 128 bytes/],
    ['no VRF', { vrf: new Uint8Array(0) }, /^vrf/],
    [
      'committees in the middle of an epoch',
      { shardState: encodeShardState(chain.committeesAt(2n), 'staking') },
      /^shardState must be empty/,
    ],
    ['an integer that does not fit', { viewId: 1n << 64n }, /^header must be encodable/],
  ];
  test.each(cases)('%s', (_name, change, message) => {
    const context = { network, bls, committee: committeeAt(1n), parent };
    const sealed = { header: { ...honest, ...change }, seal };
    try {
      assertValidHeader(sealed, context);
      expect.unreachable();
    } catch (error) {
      expect((error as LightClientError).code).toBe('light-client/invalid-header');
      expect((error as LightClientError).message).toMatch(message);
    }
    expect(verifyHeader(sealed, context)).toBe(false);
  });

  test('no committees at the end of an epoch', () => {
    const { header, seal: endSeal } = chain.headers[7]!;
    const sealed = { header: { ...header, shardState: new Uint8Array(0) }, seal: endSeal };
    const context = { network, bls, committee: committeeAt(0n) };
    expect(() => assertValidHeader(sealed, context)).toThrow(/shardState must be the next/);
  });

  test('a refused hash', () => {
    const hash = computeHeaderHash(honest);
    const refusing: Network = { ...network, refusedBlocks: [hash] };
    const context = { network: refusing, bls, committee: committeeAt(1n) };
    expect(codeOf(() => assertValidHeader({ header: honest, seal }, context))).toBe(
      'light-client/refused-block',
    );
  });

  test('a view below the floor of a recovery, and another block at the retained height', () => {
    const floorOf = (retainedBlock: bigint, retainedHash: Hash): Network => ({
      ...network,
      viewIdFloors: [{ shardId: 0, retainedBlock, retainedHash, floor: 1000n }],
    });
    const check = (recovered: Network): string | undefined =>
      codeOf(() =>
        assertValidHeader(
          { header: honest, seal },
          { network: recovered, bls, committee: committeeAt(1n) },
        ),
      );
    const hash = computeHeaderHash(honest);
    expect(check(floorOf(9n, parent.hash))).toBe('light-client/invalid-header');
    expect(check(floorOf(10n, hash))).toBe(undefined);
    expect(check(floorOf(10n, parent.hash))).toBe('light-client/refused-block');
    expect(check(floorOf(11n, hash))).toBe(undefined);
  });

  test('a time ahead of the clock, which nobody is blamed for', () => {
    const context = { network, bls, committee: committeeAt(1n), parent };
    const seconds = Number(honest.timestamp);
    const at = (ms: number): string | undefined =>
      codeOf(() => assertValidHeader({ header: honest, seal }, { ...context, nowMs: ms }));
    expect(at((seconds - 2) * 1000)).toBe(undefined);
    expect(at((seconds - 16) * 1000)).toBe('light-client/future-header');
    // Without the parent only the first bound counts.
    expect(
      codeOf(() =>
        assertValidHeader(
          { header: honest, seal },
          { network, bls, committee: committeeAt(1n), nowMs: (seconds - 14) * 1000 },
        ),
      ),
    ).toBe(undefined);
  });

  test('the first block may have the view of genesis', () => {
    const { header } = chain.headers[1]!;
    const genesis = parentOf(1);
    assertFollows({ ...header, viewId: 0n }, genesis, { network });
  });

  test('the rules of the network leave view ids free', () => {
    const child = { ...honest, viewId: 1n };
    assertFollows(child, parent, { network, rules: 'network' });
    expect(codeOf(() => assertFollows(child, parent, { network }))).toBe(
      'light-client/invalid-header',
    );
  });
});

describe('a seal that does not hold says why', () => {
  const { header, seal } = chain.headers[10]!;
  const verified = { header, hash: computeHeaderHash(header) };
  const committee = committeeAt(1n);
  const fault = (change: Partial<typeof seal>, rules?: 'network'): unknown => {
    try {
      const options = rules === undefined ? { bls } : { bls, rules };
      assertSealed(verified, { ...seal, ...change }, committee, options);
      return undefined;
    } catch (error) {
      const { details } = error as LightClientError;
      return details.code === 'light-client/invalid-seal' ? details.fault : details.code;
    }
  };
  test.each([
    ['a short signature', { signature: seal.signature.slice(1) }, 'signature-form'],
    ['the point at infinity', { signature: new Uint8Array(96) }, 'signature-form'],
    ['a long bitmap', { bitmap: Uint8Array.of(0b1111, 0) }, 'bitmap-form'],
    ['no bitmap', { bitmap: new Uint8Array(0) }, 'bitmap-form'],
    ['a bit past the last member', { bitmap: Uint8Array.of(0b11111) }, 'bitmap-form'],
    ['two of four', { bitmap: Uint8Array.of(0b0011) }, 'no-quorum'],
    ['a member too few', { bitmap: Uint8Array.of(0b0111) }, 'wrong-signature'],
    ['a changed signature', { signature: flipBit(seal.signature, 40) }, 'wrong-signature'],
  ] as const)('%s', (_name, change, expected) => {
    expect(fault(change)).toBe(expected);
  });

  test('the rules of the network ignore bits past the last member', () => {
    expect(fault({ bitmap: Uint8Array.of(0b11111) }, 'network')).toBe(undefined);
    expect(fault({ bitmap: Uint8Array.of(0b10111) }, 'network')).toBe('wrong-signature');
  });

  test('three of four are a quorum', () => {
    const members = committeeOfTest(bls);
    const block = { number: 9n, viewId: 9n, hash: verified.hash };
    const three = sealOf(bls, members, block, { signers: [0, 2, 3] });
    const sealing = sealingCommittee(network, 1n, members);
    const at = { header: { ...header, number: 9n, viewId: 9n }, hash: verified.hash };
    assertSealed(at, three, sealing, { bls });
  });

  test('the committee of another epoch or shard is no committee', () => {
    for (const other of [committeeAt(2n), committeeAt(1n, 1)]) {
      expect(codeOf(() => assertSealed(verified, seal, other, { bls }))).toBe(
        'light-client/unknown-committee',
      );
    }
  });

  test('numbers that do not fit the payload', () => {
    const odd = { header: { ...header, number: -1n }, hash: verified.hash };
    expect(codeOf(() => assertSealed(odd, seal, committee, { bls }))).toBe(
      'light-client/invalid-header',
    );
  });
});

describe('voting power from staking on', () => {
  // Two of Harmony's slots hold 0.49 together, three others 0.51 by equal stakes.
  const epoch = 1000n;
  const staked = committeeOfTest(bls, { size: 5, staked: 3 });
  const committee = sealingCommittee(mainnet, epoch, staked);
  const header: Header = {
    ...chain.headers[10]!.header,
    epoch,
    number: 30_000_000n,
    viewId: 30_000_001n,
  };
  const hash = computeHeaderHash(header);
  const holds = (signers: readonly number[], staking = true): string | undefined =>
    codeOf(() =>
      assertSealed(
        { header, hash },
        sealOf(bls, staked, { ...header, hash }, { signers, staking }),
        committee,
        {
          bls,
        },
      ),
    );

  test('slots are weighed, not counted', () => {
    expect(holds([0, 1, 2, 3, 4])).toBe(undefined);
    expect(holds([0, 1, 2, 3])).toBe(undefined); // 0.83
    expect(holds([0, 2, 3, 4])).toBe(undefined); // 0.755
    expect(holds([0, 1, 2])).toBe('light-client/invalid-seal'); // 0.66
    expect(holds([2, 3, 4])).toBe('light-client/invalid-seal'); // 0.51
  });

  test('the view id is signed', () => {
    expect(holds([0, 1, 2, 3, 4], false)).toBe('light-client/invalid-seal');
  });
});

describe('hand-over', () => {
  const { header } = chain.headers[7]!;
  const next = chain.committeesAt(1n);
  const encoded = (state: ShardState): Header => ({
    ...header,
    shardState: encodeShardState(state, 'staking'),
  });

  test('gives the committees of the next epoch', () => {
    const announced = assertValidEpochChange(header, { network });
    expect(announced).toEqual(next);
    expect(verifyEpochChange(header, next, { network })).toBe(true);
    expect(verifyEpochChange(header, { ...next, epoch: undefined }, { network })).toBe(true);
    expect(verifyEpochChange(header, { ...next, epoch: 2n }, { network })).toBe(false);
    expect(verifyEpochChange(header, chain.committeesAt(2n), { network })).toBe(false);
  });

  test('of genesis gives those of epoch 0', () => {
    const genesis = chain.headers[0]!.header;
    const announced = assertValidEpochChange(genesis, { network });
    expect(announced.epoch).toBe(0n);
    expect(verifyEpochChange(genesis, chain.committeesAt(0n), { network })).toBe(true);
    const other = makeChain({ blocks: 0, shardId: 1 }).headers[0]!.header;
    expect(
      assertValidEpochChange(other, { network }).committees.map(({ shardId }) => shardId),
    ).toEqual([1]);
  });

  const [first, second] = next.committees;
  test.each([
    ['no committees', { ...header, shardState: new Uint8Array(0) }],
    ['bytes that do not decode', { ...header, shardState: Uint8Array.of(1, 2, 3) }],
    [
      'the legacy form in the staking era',
      { ...header, shardState: encodeShardState(next, 'legacy') },
    ],
    ['the committees of the epoch itself', encoded({ ...next, epoch: 0n })],
    ['an epoch left out', encoded({ ...next, epoch: 2n })],
    ['a shard too few', encoded({ epoch: 1n, committees: [first!] })],
    ['shards out of order', encoded({ epoch: 1n, committees: [second!, first!] })],
    [
      'no slots in the own committee',
      encoded({ epoch: 1n, committees: [{ shardId: 0, slots: [] }, second!] }),
    ],
  ])('%s', (_name, changed) => {
    expect(codeOf(() => assertValidEpochChange(changed, { network }))).toBe(
      'light-client/invalid-committees',
    );
    expect(verifyEpochChange(changed, next, { network })).toBe(false);
  });

  test('the rules of the network ask for the own shard only', () => {
    const few = encoded({ epoch: 1n, committees: [first!] });
    expect(assertValidEpochChange(few, { network, rules: 'network' }).committees).toEqual([first]);
  });

  test("on another shard the committees are the beacon's, and epochs may be skipped", () => {
    const other = makeChain({ blocks: 8, shardId: 1 }).headers[7]!.header;
    const beaconCommittees = chain.committeesAt(1n);
    expect(verifyEpochChange(other, next, { network, beaconCommittees })).toBe(true);
    const strangers = makeChain({ blocks: 8, salt: 1 }).committeesAt(1n);
    expect(
      codeOf(() => assertValidEpochChange(other, { network, beaconCommittees: strangers })),
    ).toBe('light-client/invalid-committees');
    const later: Header = {
      ...other,
      shardState: encodeShardState({ ...next, epoch: 5n }, 'staking'),
    };
    expect(assertValidEpochChange(later, { network }).epoch).toBe(5n);
    expect(epochAfter(network, later)).toBe(5n);
  });

  test('a stake that changed is another committee', () => {
    const slots = committeeOfTest(bls, { staked: 1 }).slots;
    const state = { epoch: 1n, committees: [{ shardId: 0, slots }, second!] };
    const one = encoded(state);
    expect(verifyEpochChange(one, state, { network })).toBe(true);
    const more = slots.map((slot) => ({
      ...slot,
      effectiveStake:
        slot.effectiveStake === undefined ? undefined : ((slot.effectiveStake + 1n) as never),
    }));
    const changed = { epoch: 1n, committees: [{ shardId: 0, slots: more }, second!] };
    expect(verifyEpochChange(one, changed, { network })).toBe(false);
  });

  test('headers up to version 2 name the hash of their committees', () => {
    const old: Header = { ...header, version: 1, epoch: 30n, number: 819_199n };
    const shardState = encodeShardState({ epoch: undefined, committees: [] }, 'legacy');
    const wrong = { ...old, shardState, shardStateHash: `0x${'00'.repeat(32)}` as Hash };
    expect(
      codeOf(() => assertValidEpochChange(wrong, { network: mainnet, rules: 'network' })),
    ).toBe('light-client/invalid-committees');
    expect(decodeShardState(shardState).committees).toEqual([]);
  });
});

describe('epochs of mainnet and testnet at the start of staking', () => {
  const at = (epoch: bigint, number: bigint, state: ShardState | undefined): Header => ({
    ...chain.headers[1]!.header,
    epoch,
    number,
    shardState:
      state === undefined
        ? new Uint8Array(0)
        : encodeShardState(state, state.epoch === undefined ? 'legacy' : 'staking'),
  });
  const { committees } = chain.committeesAt(0n);

  test('the next in order before, what the committees name after', () => {
    expect(epochAfter(mainnet, at(184n, 3_358_719n, { epoch: undefined, committees }))).toBe(185n);
    expect(epochAfter(mainnet, at(185n, 3_375_103n, { epoch: 186n, committees }))).toBe(186n);
    // Shard 1 went from epoch 180 to 186.
    expect(epochAfter(mainnet, at(180n, 3_293_000n, { epoch: 186n, committees }))).toBe(186n);
    expect(epochAfter(mainnet, at(180n, 3_293_000n, undefined))).toBe(180n);
    expect(epochAfter(testnet, at(0n, 0n, { epoch: undefined, committees }))).toBe(0n);
  });
});

test('a committee that nothing can be checked with is refused', () => {
  const members = committeeOfTest(bls);
  const short = members.slots.map((slot) => ({ ...slot, blsPublicKey: new Uint8Array(47) }));
  for (const slots of [[], short]) {
    expect(codeOf(() => sealingCommittee(shortNetwork, 0n, { shardId: 0, slots }))).toBe(
      'light-client/invalid-committees',
    );
  }
});
