/**
 * The five real mainnet headers verify, and fail when a bit of what was signed or of who signed changes.
 * Every bit of the bitmaps here, a seeded sample of the rest; all of it in mainnet.slow.test.ts.
 */
import { decodeHeader, encodeHeader } from '@polyphony/chain';
import { commitPayload, verifySeal } from '@polyphony/fbft/seal';
import { mainnet } from '@polyphony/networks';
import { isProtocolError } from '@polyphony/primitives';
import { computeShardStateHash } from '@polyphony/sharding';
import { codeOf, packageFolder, seededRandom, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertSealed,
  assertValidHeader,
  sealedByChildren,
  verifyEpochChange,
  verifyHeader,
} from '../src/index.js';
import {
  committeeFor,
  flipBit,
  flipCommittee,
  harmony,
  type MainnetHeader,
  mainnetCommittees,
  mainnetHeaders,
} from './support.js';

const bls = harmony;
const headers = mainnetHeaders();
const seed = Number(process.env.SEED ?? 20191213);

function verifies(header: MainnetHeader, change: Partial<MainnetHeader> = {}): boolean {
  const committee = committeeFor(header);
  return verifyHeader({ ...header, ...change }, { network: mainnet, bls, committee });
}

/** Bytes that do not decode do not verify either. */
function verifiesBytes(sealed: MainnetHeader, bytes: Uint8Array): boolean {
  try {
    return verifies(sealed, { header: decodeHeader(bytes) });
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

/** What the network's headers say of these committees. */
const { shardStateHash } = headers.find(({ header }) => header.shardState.length > 0)!.header;

test('the committee of the genesis lists is the one that the headers name', () => {
  expect(computeShardStateHash(mainnetCommittees)).toBe(shardStateHash);
});

describe.each(headers)('$name', (sealed) => {
  const committee = committeeFor(sealed);
  const { seal, payload, header } = sealed;

  test('verifies', () => {
    const verified = assertValidHeader(sealed, { network: mainnet, bls, committee });
    expect(verified.hash).toBe(sealed.hash);
    expect(commitPayload(header.number, verified.hash, header.viewId, false)).toEqual(payload);
    expect(
      committee.voting.keys.filter((_, i) => ((seal.bitmap[i >> 3]! >> (i & 7)) & 1) === 1),
    ).toHaveLength(sealed.signers);
    expect(verifySeal(bls, committee.voting, payload, seal)).toBe(true);
  });

  test('fails with any bit of the bitmap flipped', () => {
    const { hash } = sealed;
    const codes = Array.from({ length: 8 * seal.bitmap.length }, (_, bit) =>
      codeOf(() => {
        const flipped = { ...seal, bitmap: flipBit(seal.bitmap, bit) };
        assertSealed({ header, hash }, flipped, committee, { bls });
      }),
    );
    expect(new Set(codes)).toEqual(new Set(['light-client/invalid-seal']));
  });

  test('fails with bits of signature, payload and header flipped', () => {
    const random = seededRandom(seed + Number(header.number));
    const sample = (count: number, bits: number): number[] =>
      Array.from({ length: count }, () => random.below(bits));
    for (const bit of sample(8, 96 * 8)) {
      expect(verifies(sealed, { seal: { ...seal, signature: flipBit(seal.signature, bit) } })).toBe(
        false,
      );
    }
    for (const bit of sample(8, payload.length * 8)) {
      expect(verifySeal(bls, committee.voting, flipBit(payload, bit), seal)).toBe(false);
    }
    const bytes = encodeHeader(header);
    for (const bit of sample(4, bytes.length * 8)) {
      expect(verifiesBytes(sealed, flipBit(bytes, bit))).toBe(false);
    }
  });

  test('fails with a bit of the committee flipped: the seal of a signer, the hash of anyone', () => {
    const random = seededRandom(seed - Number(header.number));
    for (let i = 0; i < 4; i++) {
      const { state, slot } = flipCommittee(random);
      const signed = ((seal.bitmap[slot >> 3]! >> (slot & 7)) & 1) === 1;
      const flipped = committeeFor(sealed, state);
      const holds = verifyHeader(sealed, { network: mainnet, bls, committee: flipped });
      expect(holds).toBe(!signed);
      expect(computeShardStateHash(state)).not.toBe(shardStateHash);
    }
  });
});

describe('headers that follow each other', () => {
  const pairs = [
    { parent: headers[0]!, child: headers[1]! },
    { parent: headers[2]!, child: headers[3]! },
  ];

  test.each(pairs)('$child.name after $parent.name', ({ parent, child }) => {
    const committee = committeeFor(child);
    const context = { network: mainnet, bls, committee };
    const verified = assertValidHeader(parent, context);
    expect(assertValidHeader(child, { ...context, parent: verified }).hash).toBe(child.hash);
    // The child carries the parent's seal.
    const [fromChild] = sealedByChildren([parent.header, child.header]);
    expect(fromChild!.seal).toEqual(parent.seal);
    expect(verifyHeader(fromChild!, context)).toBe(true);
    // And is no child of another block.
    const other = { header: headers[4]!.header, hash: headers[4]!.hash };
    expect(codeOf(() => assertValidHeader(child, { ...context, parent: other }))).toBe(
      'light-client/invalid-header',
    );
  });
});

describe('committees handed over', () => {
  const ends = headers.filter(({ header }) => header.shardState.length > 0);

  test.each(ends)('$name hands over to the committees of the genesis lists', ({ header }) => {
    expect(verifyEpochChange(header, mainnetCommittees, { network: mainnet })).toBe(true);
  });

  test('a bit of a committee more or less is noticed', () => {
    const random = seededRandom(seed);
    for (const { header } of ends) {
      for (let i = 0; i < 4; i++) {
        const { state } = flipCommittee(random);
        expect(verifyEpochChange(header, state, { network: mainnet })).toBe(false);
        const shardState = flipBit(header.shardState, random.below(8 * header.shardState.length));
        expect(
          verifyEpochChange({ ...header, shardState }, mainnetCommittees, { network: mainnet }),
        ).toBe(false);
      }
    }
  });
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
