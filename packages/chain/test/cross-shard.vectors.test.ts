import { mainnet } from '@polyphony/networks';
import type { Address, Hash, Hex } from '@polyphony/primitives';
import { bytesToHex, hexToBytes } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { SPENT_MARK, spentReceiptsKey } from '../src/database-keys.js';
import {
  assertValidCrossLinks,
  type ChainError,
  type CrossLink,
  computeOutgoingReceiptsRoot,
  computeShardRoots,
  crossLinkHeartbeatPayload,
  decodeCrossLink,
  decodeCrossLinkHeartbeat,
  decodeCrossLinks,
  decodeCrossShardMerkleProof,
  decodeCrossShardReceipt,
  decodeHeader,
  emptyHeader,
  encodeCrossLink,
  encodeCrossLinkHeartbeat,
  encodeCrossLinks,
  encodeCrossShardMerkleProof,
  encodeCrossShardReceipt,
  spentKeyPlace,
} from '../src/index.js';
import { type HeaderFields, hashOf, headerOf } from './support.js';

function crossLinkJson(link: CrossLink): object {
  return {
    blockHash: link.blockHash,
    blockNumber: link.blockNumber.toString(),
    viewId: link.viewId.toString(),
    signature: bytesToHex(link.signature),
    bitmap: bytesToHex(link.bitmap),
    shardId: link.shardId,
    epoch: link.epoch.toString(),
  };
}

const headers = loadVectors<{ version: number; fields: HeaderFields }, object>(
  import.meta.url,
  'headers',
);
const beacon = headers.find(({ name }) => name === 'header-mainnet-v3-23361200')!;
const realLinks = decodeCrossLinks(headerOf(3, beacon.in.fields).crossLinks);

describe('cross-links', () => {
  const cases = loadVectors<{ rlp: string }, object>(import.meta.url, 'cross-links', {
    in: ['rlp'],
    out: ['blockHash', 'blockNumber', 'viewId', 'signature', 'bitmap', 'shardId', 'epoch'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const link = decodeCrossLink(hexToBytes(given.rlp));
      expect(crossLinkJson(link)).toEqual(out);
      expect(bytesToHex(encodeCrossLink(link))).toBe(given.rlp);
      expect(realLinks).toContainEqual(link);
    });
  }

  test('the list of mainnet block 23361200 re-encodes to the same bytes', () => {
    const header = decodeHeader(hexToBytes((beacon.in as unknown as { rlp: string }).rlp));
    expect(realLinks.map(({ shardId }) => shardId)).toEqual([1, 2, 3]);
    expect(encodeCrossLinks(realLinks)).toEqual(header.crossLinks);
    assertValidCrossLinks(realLinks, mainnet, header.epoch);
  });
});

describe('heartbeats of cross-links', () => {
  for (const { name, in: given, out, error } of loadVectors<
    {
      shardId: number;
      latestBlock: string;
      epoch: string;
      publicKey: Hex;
      signature: Hex;
      rlp?: Hex;
    },
    { signed: Hex; rlp: Hex }
  >(import.meta.url, 'cross-link-heartbeats', {
    in: ['shardId', 'latestBlock', 'epoch', 'publicKey', 'signature', 'rlp'],
    out: ['signed', 'rlp'],
  })) {
    test(name, () => {
      if (error !== undefined) {
        const refused = (): unknown => decodeCrossLinkHeartbeat(hexToBytes(given.rlp!));
        expect(refused).toThrow(expect.objectContaining({ code: error }));
        return;
      }
      const heartbeat = {
        shardId: given.shardId,
        latestBlock: BigInt(given.latestBlock),
        epoch: BigInt(given.epoch),
        publicKey: hexToBytes(given.publicKey),
        signature: hexToBytes(given.signature),
      };
      expect(bytesToHex(crossLinkHeartbeatPayload(heartbeat))).toBe(out!.signed);
      expect(bytesToHex(encodeCrossLinkHeartbeat(heartbeat))).toBe(out!.rlp);
      expect(decodeCrossLinkHeartbeat(hexToBytes(out!.rlp))).toEqual(heartbeat);
      for (const wrong of [{ publicKey: new Uint8Array(47) }, { signature: new Uint8Array(0) }]) {
        expect(() => encodeCrossLinkHeartbeat({ ...heartbeat, ...wrong })).toThrow(
          expect.objectContaining({ code: 'chain/out-of-range' }),
        );
      }
    });
  }
});

describe('rules of cross-link lists', () => {
  const cases = loadVectors<
    { links: [shardId: number, number: string][]; active: string[] },
    { valid: true }
  >(import.meta.url, 'cross-link-rules', { in: ['links', 'active'], out: ['valid'] });
  for (const { name, in: given, out, error } of cases) {
    test(name, () => {
      const network = {
        ...mainnet,
        activations: {
          ...mainnet.activations,
          bloom: undefined,
          duplicateCrossLink: given.active.includes('duplicateCrossLink') ? 900n : undefined,
          rejectShard0CrossLink: given.active.includes('rejectShard0CrossLink') ? 900n : undefined,
        },
      };
      const links = given.links.map(([shardId, number]) => ({
        ...realLinks[0]!,
        shardId,
        blockNumber: BigInt(number),
      }));
      const run = (epoch: bigint) => () => assertValidCrossLinks(links, network, epoch);
      if (out !== undefined) return expect(run(900n)).not.toThrow();
      expect(run(900n)).toThrow(expect.objectContaining({ code: error } as Partial<ChainError>));
      // The same list one epoch before its rule.
      if (given.active.length > 0) expect(run(899n)).not.toThrow();
    });
  }
});

interface ReceiptJson {
  readonly transactionHash: Hash;
  readonly from: Address;
  readonly to: Address;
  readonly shardId: number;
  readonly toShardId: number;
  readonly amount: string;
}

describe('cross-shard receipts', () => {
  const cases = loadVectors<{ receipt: ReceiptJson }, { rlp: string }>(
    import.meta.url,
    'cross-shard-receipts',
    { in: ['receipt'], out: ['rlp'] },
  );
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const receipt = { ...given.receipt, amount: BigInt(given.receipt.amount) };
      expect(bytesToHex(encodeCrossShardReceipt(receipt))).toBe(out!.rlp);
      expect(decodeCrossShardReceipt(hexToBytes(out!.rlp))).toEqual(receipt);
    });
  }
});

describe('merkle proof', () => {
  interface Json {
    readonly blockNumber: string;
    readonly blockHash: Hash;
    readonly shardId: number;
    readonly outgoingReceiptsRoot: Hash;
    readonly shardIds: number[];
    readonly shardRoots: Hash[];
  }
  const cases = loadVectors<Json, { rlp: string }>(import.meta.url, 'cross-shard-merkle-proof', {
    out: ['rlp'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const proof = { ...given, blockNumber: BigInt(given.blockNumber) };
      expect(bytesToHex(encodeCrossShardMerkleProof(proof))).toBe(out!.rlp);
      expect(decodeCrossShardMerkleProof(hexToBytes(out!.rlp))).toEqual(proof);
    });
  }
});

describe('outgoing receipts root', () => {
  const cases = loadVectors<
    { receipts: string[] },
    { root: Hash; shards: { shardId: number; root: Hash }[] }
  >(import.meta.url, 'outgoing-receipts-root', { in: ['receipts'], out: ['root', 'shards'] });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const receipts = given.receipts.map((rlp) => decodeCrossShardReceipt(hexToBytes(rlp)));
      expect(computeOutgoingReceiptsRoot(receipts)).toBe(out!.root);
      expect(computeShardRoots(receipts)).toEqual(out!.shards);
    });
  }
});

describe('spent marks', () => {
  const keys = loadVectors<
    { shardId: number; blockNumber: string },
    { key: string; spent: string }
  >(import.meta.url, 'database-keys', { in: ['shardId', 'blockNumber'], out: ['key', 'spent'] });
  for (const { name, in: given, out } of keys) {
    test(name, () => {
      const key = spentReceiptsKey(given.shardId, BigInt(given.blockNumber));
      expect(bytesToHex(key)).toBe(out!.key);
      expect(bytesToHex(Uint8Array.of(SPENT_MARK))).toBe(out!.spent);
    });
  }

  const cases = loadVectors<
    { headerShard: number; headerNumber: string; proofShard: number; proofNumber: string },
    { key: string; legacyKey: string }
  >(import.meta.url, 'spent-keys', {
    in: ['headerShard', 'headerNumber', 'proofShard', 'proofNumber'],
    out: ['key', 'legacyKey'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const proof = {
        header: {
          ...emptyHeader(3),
          shardId: given.headerShard,
          number: BigInt(given.headerNumber),
        },
        merkleProof: {
          blockNumber: BigInt(given.proofNumber),
          blockHash: hashOf(1),
          shardId: given.proofShard,
          outgoingReceiptsRoot: hashOf(2),
          shardIds: [],
          shardRoots: [],
        },
      };
      const keyOf = (rule?: 'header' | 'merkle-proof'): string => {
        const place = spentKeyPlace(proof, rule);
        return bytesToHex(spentReceiptsKey(place.shardId, place.blockNumber));
      };
      expect(keyOf()).toBe(out!.key);
      expect(keyOf('merkle-proof')).toBe(out!.legacyKey);
    });
  }
});
