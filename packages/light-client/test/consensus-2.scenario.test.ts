/** A network of consensus version 2: seals name the view of their votes, and are checked in it. */
import {
  computeHeaderHash,
  crossLinkOf,
  decodeCommitSeal,
  encodeCommitSeal,
  type SealFields,
} from '@polyphony/chain';
import { defineNetwork } from '@polyphony/networks';
import { committeeOf } from '@polyphony/sharding';
import { memoryStore } from '@polyphony/storage';
import { describe, expect, test } from 'vitest';
import {
  assertSealed,
  createLightClient,
  type LightClientError,
  listHeaderSource,
  sealedByChildren,
  sealingCommittee,
  trustCheckpoint,
  verifyBlockSeal,
  verifyCrossLink,
} from '../src/index.js';
import { harmony as bls, flipBit, makeChain, manualClock, shortNetwork } from './support.js';

const network = defineNetwork({ ...shortNetwork, name: 'short-2', consensusVersion: 2 });
/** Every third block was carried over two view changes. */
const decidedIn = (viewId: bigint): bigint =>
  viewId % 3n === 0n ? viewId + 2n : viewId > 0n ? viewId : 1n;
const chain = makeChain({ network, blocks: 10, decidedIn });
const other = makeChain({ network, blocks: 4, shardId: 1, decidedIn });
const committeeAt = (epoch: bigint, shardId = 0) =>
  sealingCommittee(network, epoch, committeeOf(chain.committeesAt(epoch), shardId));

test('a client follows a chain with carried blocks over an epoch', async () => {
  const genesis = chain.headers[0]!.header;
  const client = await createLightClient({
    network,
    bls,
    checkpoint: trustCheckpoint(network, {
      shardId: 0,
      blockNumber: 0n,
      blockHash: computeHeaderHash(genesis),
    }),
    sources: [listHeaderSource('honest', chain.bytes)],
    store: memoryStore(),
    clock: manualClock(Number(genesis.timestamp + 100n) * 1000),
  });
  expect((await client.sync()).header.number).toBe(10n);
  await client.close();
});

describe('a seal', () => {
  // Block 6 has view 6 and was decided in view 8.
  const { header, seal } = chain.headers[6]!;
  const verified = { header, hash: computeHeaderHash(header) };
  const whole = decodeCommitSeal(seal, network);
  const fault = (fields: SealFields): unknown => {
    try {
      assertSealed(verified, fields, committeeAt(0n), { bls });
      return undefined;
    } catch (error) {
      const { details } = error as LightClientError;
      return details.code === 'light-client/invalid-seal' ? details.fault : details.code;
    }
  };

  test('holds in the view in which it was decided', () => {
    expect(whole.decidedInView).toBe(8n);
    expect(fault(seal)).toBeUndefined();
    const block = { ...verified, number: 6n, viewId: 6n, epoch: 0n, shardId: 0 };
    const { voting } = committeeAt(0n);
    expect(verifyBlockSeal({ network, bls }, voting, block, seal)).toBe(true);
    for (const change of [{ shardId: 1 }, { epoch: 1n }, { number: 7n }, { viewId: 9n }]) {
      expect(verifyBlockSeal({ network, bls }, voting, { ...block, ...change }, seal)).toBe(false);
    }
    const elsewhere = { ...network, chainId: network.chainId + 1n };
    expect(verifyBlockSeal({ network: elsewhere, bls }, voting, block, seal)).toBe(false);
  });

  test.each([
    [
      'of another view',
      encodeCommitSeal({ ...whole, decidedInView: 9n }, network),
      'wrong-signature',
    ],
    [
      'of the view of its block',
      encodeCommitSeal({ ...whole, decidedInView: 6n }, network),
      'wrong-signature',
    ],
    [
      'of a view before its block',
      encodeCommitSeal({ ...whole, decidedInView: 5n }, network),
      'early-view',
    ],
    ['without a view', { ...seal, bitmap: whole.bitmap }, 'bitmap-form'],
    ['of view 0', { ...seal, bitmap: new Uint8Array(9).fill(15, 0, 1) }, 'bitmap-form'],
    ['with a longer bitmap', { ...seal, bitmap: Uint8Array.of(0, ...seal.bitmap) }, 'bitmap-form'],
    [
      'with a changed signature',
      { ...seal, signature: flipBit(seal.signature, 40) },
      'wrong-signature',
    ],
    [
      'of two of four',
      encodeCommitSeal({ ...whole, bitmap: Uint8Array.of(0b0011) }, network),
      'no-quorum',
    ],
  ] as const)('%s does not hold', (_, fields, expected) => {
    expect(fault(fields)).toBe(expected);
  });

  test('with any bit of bitmap or view flipped it does not hold', () => {
    for (let bit = 0; bit < seal.bitmap.length * 8; bit++) {
      expect(fault({ ...seal, bitmap: flipBit(seal.bitmap, bit) }), `bit ${bit}`).toBeDefined();
    }
  });
});

test('headers and links carry seals with their view', () => {
  for (const { header, seal } of sealedByChildren(chain.headers.map((sealed) => sealed.header))) {
    if (header.number === 0n) continue;
    const verified = { header, hash: computeHeaderHash(header) };
    assertSealed(verified, seal, committeeAt(header.epoch), { bls });
  }
  const [parent, child] = [other.headers[3]!.header, other.headers[4]!.header];
  const link = crossLinkOf(parent, child);
  const rules = { network, bls, beaconEpoch: 0n, committeeAt };
  expect(verifyCrossLink(link, rules)).toBe(true);
  expect(decodeCommitSeal(link, network).decidedInView).toBe(5n);
  expect(verifyCrossLink({ ...link, bitmap: link.bitmap.slice(0, 1) }, rules)).toBe(false);
  expect(verifyCrossLink({ ...link, viewId: 6n }, rules)).toBe(false);
});
