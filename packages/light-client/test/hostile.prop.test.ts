/** Hostile bytes: answers are booleans, errors are this package's, and no lie moves a client's head. */
import {
  computeHeaderHash,
  decodeCrossLink,
  decodeHeader,
  encodeCrossLink,
  encodeCrossLinks,
  encodeHeader,
  type Header,
} from '@polyphony/chain';
import { mainnet } from '@polyphony/networks';
import { isProtocolError } from '@polyphony/primitives';
import { committeeOf, uniformThreshold } from '@polyphony/sharding';
import { memoryStore } from '@polyphony/storage';
import {
  codeOf,
  hostileBytes,
  mutateBytes,
  propertyRuns,
  type SeededRandom,
  seededRandom,
} from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assertSealed,
  assertValidHeaderLinks,
  createLightClient,
  type HeaderSource,
  LightClientError,
  listHeaderSource,
  type SealedHeaderBytes,
  sealingCommittee,
  trustCheckpoint,
  verifyAccount,
  verifyCrossLink,
  verifyCrossShardReceipt,
  verifyEpochChange,
  verifyHeader,
  verifyHeaderVrf,
  verifyLinkedHeader,
  verifyReceipt,
  verifyStorage,
  verifyTransaction,
} from '../src/index.js';
import { chain, committeeAt, crossShardStory, network, rules } from './story.js';
import { harmony as bls, committeeOfTest, flipBit, manualClock, sealOf } from './support.js';

/** A decoder's value, or undefined where it refuses. */
function decoded<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (isProtocolError(error)) return undefined;
    throw error;
  }
}

const story = crossShardStory();
const { link } = story;
const beaconHeader: Header = { ...chain.headers[12]!.header, crossLinks: encodeCrossLinks([link]) };

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

// What each decoder makes of mutated bytes is asked in `decoders.ts`; here is what they meet beside it.
describe('mutated bytes', () => {
  test('the untouched ones hold', () => {
    expect(verifyCrossShardReceipt(story.proof, rules)).toBe(true);
    expect(verifyCrossLink(link, { ...rules, beaconEpoch: 1n })).toBe(true);
    expect(assertValidHeaderLinks(beaconHeader, rules)).toEqual([link]);
    expect(verifyLinkedHeader(story.header, beaconHeader)).toBe(true);
  });

  test('of a header: never another header that holds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const sealed = random.pick(chain.headers.slice(1));
        const bytes = mutateBytes(encodeHeader(sealed.header), random);
        const header = decoded(decodeHeader, bytes);
        if (header === undefined) return;
        const committee = committeeAt(header.epoch, header.shardId);
        if (committee === undefined) return;
        const holds = verifyHeader({ header, seal: sealed.seal }, { network, bls, committee });
        expect(holds).toBe(computeHeaderHash(header) === computeHeaderHash(sealed.header));
        verifyEpochChange(header, chain.committeesAt(1n), { network });
        verifyHeaderVrf(header, { network, bls, committee });
      }),
      propertyRuns(150),
    );
  });

  test('of a cross-link: never another one that holds', () => {
    const bytes = encodeCrossLink(link);
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const changed = decoded(decodeCrossLink, mutateBytes(bytes, random));
        if (changed !== undefined) {
          const same = Buffer.compare(encodeCrossLink(changed), bytes) === 0;
          expect(verifyCrossLink(changed, { ...rules, beaconEpoch: 1n })).toBe(same);
        }
        const crossLinks = mutateBytes(beaconHeader.crossLinks, random);
        const code = codeOf(() => assertValidHeaderLinks({ ...beaconHeader, crossLinks }, rules));
        expect(code?.startsWith('light-client/') ?? true).toBe(true);
        verifyLinkedHeader(story.header, { ...beaconHeader, crossLinks });
      }),
      propertyRuns(150),
    );
  });
});

describe('bytes that are nothing', () => {
  test.each(hostileBytes)('%s', (_name, bytes) => {
    const { header, seal } = chain.headers[10]!;
    const committee = sealingCommittee(network, 1n, committeeOf(chain.committeesAt(1n), 0));
    const context = { network, bls, committee };
    for (const change of [{ signature: bytes }, { bitmap: bytes }]) {
      expect(verifyHeader({ header, seal: { ...seal, ...change } }, context)).toBe(false);
    }
    const lenient = { ...context, rules: 'network' } as const;
    expect(verifyHeader({ header, seal: { ...seal, signature: bytes } }, lenient)).toBe(false);
    if (bytes.length > 0) {
      const field = { ...header, shardState: bytes };
      expect(verifyHeader({ header: field, seal }, context)).toBe(false);
      expect(verifyEpochChange(field, chain.committeesAt(1n), { network })).toBe(false);
    }
    expect(verifyHeaderVrf({ ...header, vrf: bytes }, context)).toBe(false);
    const proof = [bytes];
    const transaction = {
      ...{ nonce: 0n, gasPrice: 0n, gasLimit: 0n, shardId: 0, toShardId: 0, to: undefined },
      ...{ value: 0n, data: bytes, v: 0n, r: 0n, s: 0n },
    };
    const receipt = {
      status: 'success',
      cumulativeGasUsed: 0n,
      logsBloom: bytes,
      logs: [],
    } as const;
    expect(verifyTransaction(header, 0, transaction, proof)).toBe(false);
    expect(verifyReceipt(header, 0, receipt, proof)).toBe(false);
    const address = `0x${'01'.repeat(20)}` as const;
    expect(verifyAccount(header, address, undefined, proof)).toBe(false);
    const storageRoot = `0x${'02'.repeat(32)}` as const;
    expect(verifyStorage({ storageRoot }, `0x${'03'.repeat(32)}`, 1n, proof)).toBe(false);
    const seals = { commitSignature: bytes, commitBitmap: bytes };
    expect(verifyCrossShardReceipt({ ...story.proof, ...seals }, rules)).toBe(false);
    const other = { ...link, signature: bytes, bitmap: bytes };
    expect(verifyCrossLink(other, { ...rules, beaconEpoch: 1n })).toBe(false);
  });
});

test('a seal holds if and only if the signers in its bitmap are enough and are those who signed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), seeds, (size, seed) => {
      const random = seededRandom(seed);
      const committee = committeeOfTest(bls, { size });
      const header = { ...chain.headers[3]!.header, epoch: 40n };
      const hash = computeHeaderHash(header);
      const signers = committee.slots.map((_, i) => i).filter(() => random.below(10) < 7);
      if (signers.length === 0) return;
      const seal = sealOf(bls, committee, { ...header, hash }, { signers, staking: false });
      const sealing = sealingCommittee(mainnet, 40n, committee);
      const holds = (bitmap: Uint8Array): boolean =>
        codeOf(() => assertSealed({ header, hash }, { ...seal, bitmap }, sealing, { bls })) ===
        undefined;
      expect(holds(seal.bitmap)).toBe(signers.length >= uniformThreshold(size));
      expect(holds(flipBit(seal.bitmap, random.below(8 * seal.bitmap.length)))).toBe(false);
    }),
    propertyRuns(15),
  );
});

/** A source that does something else each time. */
function wildSource(name: string, random: SeededRandom, truth: HeaderSource): HeaderSource {
  return {
    name,
    getHead: async () => random.pick([0n, 3n, 9n, 17n, 18n, 1n << 63n]),
    getHeaders: async (first, count, options) => {
      const items: readonly SealedHeaderBytes[] = await truth.getHeaders(first, count, options);
      const at = random.below(Math.max(1, items.length));
      const change = (part: Partial<SealedHeaderBytes>): readonly SealedHeaderBytes[] =>
        items.map((item, i) => (i === at ? { ...item, ...part } : item));
      switch (random.below(7)) {
        case 0:
          return items;
        case 1:
          return items.slice(0, at);
        case 2:
          return items.length === 0
            ? []
            : change({ header: mutateBytes(items[at]!.header, random) });
        case 3:
          return change({ signature: random.bytes(96) });
        case 4:
          return change({ bitmap: Uint8Array.of(random.below(16)) });
        case 5:
          throw new Error('gone');
        default:
          return [...items].reverse();
      }
    },
  };
}

test('whatever the others do, one honest source is enough, and no head is ever a lie', async () => {
  const truth = listHeaderSource('truth', chain.bytes);
  const hashes = chain.headers.map(({ header }) => computeHeaderHash(header));
  const checkpoint = trustCheckpoint(network, {
    shardId: 0,
    blockNumber: 0n,
    blockHash: hashes[0]!,
  });
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 0, max: 2 }), async (seed, place) => {
      const random = seededRandom(seed);
      const wild = [wildSource('a', random, truth), wildSource('b', random, truth)];
      const sources = [...wild.slice(0, place), truth, ...wild.slice(place)];
      const client = await createLightClient({
        ...{ network, bls, checkpoint, sources, batchSize: 1 + random.below(9) },
        ...{ store: memoryStore(), clock: manualClock() },
        onEvent(event) {
          if (event.type === 'head') expect(event.hash).toBe(hashes[Number(event.number)]);
          if (event.type === 'source-failed') expect(event.error).toBeInstanceOf(LightClientError);
        },
      });
      // A round may end below the head when the honest source is not asked: the next one asks it.
      for (let i = 0; i < 20 && client.head.header.number < 17n; i++) {
        await client.sync().catch((error: unknown) => {
          expect(error).toBeInstanceOf(LightClientError);
        });
      }
      expect(client.head.hash).toBe(hashes[17]);
    }),
    propertyRuns(8),
  );
});
