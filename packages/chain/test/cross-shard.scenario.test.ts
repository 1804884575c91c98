/** A transfer from shard 0 to shard 1: receipts, root, proof, check, and every way to tamper with it. */
import { mainnet, type Network, reference } from '@polyphony/networks';
import type { Address } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import {
  assertValidCrossShardProof,
  assertValidIncomingReceipts,
  type ChainError,
  type CrossShardProof,
  type CrossShardReceipt,
  computeHeaderHash,
  computeOutgoingReceiptsRoot,
  crossShardProofOf,
  decodeCrossShardProof,
  emptyHeader,
  encodeCrossShardProof,
  type Header,
  spentKeyPlace,
  type VerifyCrossShardProofOptions,
  verifyCrossShardProof,
} from '../src/index.js';
import { hashOf } from './support.js';

const ALICE: Address = `0x${'aa'.repeat(20)}`;
const BOB: Address = `0x${'bb'.repeat(20)}`;
const SEAL = new Uint8Array(96).fill(7);
const BITMAP = Uint8Array.of(0b111);

function receipt(index: number, toShardId: number): CrossShardReceipt {
  return {
    transactionHash: hashOf(index),
    from: ALICE,
    to: BOB,
    shardId: 0,
    toShardId,
    amount: 10n ** 18n * BigInt(index + 1),
  };
}

const RECEIPTS = [receipt(0, 1), receipt(1, 3), receipt(2, 1), receipt(3, 2)];
const HEADER: Header = {
  ...emptyHeader(3),
  number: 77n,
  epoch: 5n,
  viewId: 80n,
  outgoingReceiptsRoot: computeOutgoingReceiptsRoot(RECEIPTS),
};

/** Stands for the check of a committee: only the header of the story is sealed. */
function sealOf(header: Header): VerifyCrossShardProofOptions['verifySeal'] {
  const sealed = computeHeaderHash(header);
  return (candidate, signature, bitmap) =>
    computeHeaderHash(candidate) === sealed &&
    signature.length === 96 &&
    signature[0] === 7 &&
    bitmap.length === 1;
}

function proofFor(toShardId: number, header = HEADER): CrossShardProof {
  const seal = { commitSignature: SEAL, commitBitmap: BITMAP };
  return crossShardProofOf({ header, receipts: RECEIPTS, toShardId, ...seal })!;
}

function options(change: Partial<VerifyCrossShardProofOptions> = {}): VerifyCrossShardProofOptions {
  return { network: reference, shardId: 1, verifySeal: sealOf(HEADER), ...change };
}

describe('an honest proof', () => {
  test.each([1, 2, 3])('holds on shard %i and survives its bytes', (shardId) => {
    const proof = proofFor(shardId);
    expect(proof.receipts).toEqual(RECEIPTS.filter(({ toShardId }) => toShardId === shardId));
    expect(verifyCrossShardProof(proof, options({ shardId }))).toBe(true);
    const bytes = encodeCrossShardProof(proof);
    expect(decodeCrossShardProof(bytes)).toEqual(proof);
    expect(encodeCrossShardProof(decodeCrossShardProof(bytes))).toEqual(bytes);
  });

  test('does not exist for a shard without receipts', () => {
    const seal = { commitSignature: SEAL, commitBitmap: BITMAP };
    const input = { header: HEADER, receipts: RECEIPTS, toShardId: 9, ...seal };
    expect(crossShardProofOf(input)).toBeUndefined();
  });

  test('is not made from receipts of another block', () => {
    const seal = { commitSignature: SEAL, commitBitmap: BITMAP };
    const receipts = [...RECEIPTS, receipt(9, 1)];
    expect(() => crossShardProofOf({ header: HEADER, receipts, toShardId: 1, ...seal })).toThrow(
      expect.objectContaining({ code: 'chain/invalid-cross-shard-proof' } as Partial<ChainError>),
    );
  });

  test('gives the same spent key by both rules', () => {
    const proof = proofFor(1);
    expect(spentKeyPlace(proof)).toEqual({ shardId: 0, blockNumber: 77n });
    expect(spentKeyPlace(proof, 'merkle-proof')).toEqual(spentKeyPlace(proof));
  });

  test('is refused on another shard, without a seal, and with another seal', () => {
    expect(verifyCrossShardProof(proofFor(1), options({ shardId: 2 }))).toBe(false);
    expect(verifyCrossShardProof(proofFor(1), options({ verifySeal: () => false }))).toBe(false);
    const other = { ...proofFor(1), commitSignature: new Uint8Array(96) };
    expect(verifyCrossShardProof(other, options())).toBe(false);
  });
});

describe('a tampered proof', () => {
  const proof = proofFor(1);
  const { merkleProof, receipts, header } = proof;
  const cases: readonly (readonly [string, CrossShardProof])[] = [
    ['no receipts', { ...proof, receipts: [] }],
    ['a receipt left out', { ...proof, receipts: receipts.slice(1) }],
    ['receipts in another order', { ...proof, receipts: [...receipts].reverse() }],
    ['a receipt for another shard', { ...proof, receipts: [...receipts, receipt(3, 2)] }],
    [
      'another amount',
      { ...proof, receipts: [{ ...receipts[0]!, amount: 10n ** 30n }, receipts[1]!] },
    ],
    ['another receiver', { ...proof, receipts: [{ ...receipts[0]!, to: ALICE }, receipts[1]!] }],
    ['another block hash', { ...proof, merkleProof: { ...merkleProof, blockHash: hashOf(1) } }],
    [
      'another outgoing root',
      { ...proof, merkleProof: { ...merkleProof, outgoingReceiptsRoot: hashOf(1) } },
    ],
    [
      'another root of a destination',
      {
        ...proof,
        merkleProof: {
          ...merkleProof,
          shardRoots: [hashOf(1), ...merkleProof.shardRoots.slice(1)],
        },
      },
    ],
    ['another number', { ...proof, merkleProof: { ...merkleProof, blockNumber: 78n } }],
    ['another source shard', { ...proof, merkleProof: { ...merkleProof, shardId: 2 } }],
    [
      'a root too few',
      { ...proof, merkleProof: { ...merkleProof, shardRoots: merkleProof.shardRoots.slice(0, 2) } },
    ],
    [
      'a root too many',
      {
        ...proof,
        merkleProof: { ...merkleProof, shardRoots: [...merkleProof.shardRoots, hashOf(1)] },
      },
    ],
    [
      'destinations in another order',
      {
        ...proof,
        merkleProof: {
          ...merkleProof,
          shardIds: [...merkleProof.shardIds].reverse(),
          shardRoots: [...merkleProof.shardRoots].reverse(),
        },
      },
    ],
    [
      'a destination twice',
      {
        ...proof,
        merkleProof: {
          ...merkleProof,
          shardIds: [1, ...merkleProof.shardIds],
          shardRoots: [merkleProof.shardRoots[0]!, ...merkleProof.shardRoots],
        },
      },
    ],
    ['another header', { ...proof, header: { ...header, number: 78n } }],
    ['a header that cannot be encoded', { ...proof, header: { ...header, number: -1n } }],
    ['a header of an epoch without transfers', { ...proof, header: { ...header, epoch: 0n } }],
  ];
  test.each(cases)('%s', (_name, tampered) => {
    expect(verifyCrossShardProof(tampered, options())).toBe(false);
  });
});

describe('the replay of a receipt under another number', () => {
  const forged: CrossShardProof = {
    ...proofFor(1),
    merkleProof: { ...proofFor(1).merkleProof, blockNumber: 9999n, shardId: 3 },
  };
  const old: Network = {
    ...mainnet,
    activations: { ...mainnet.activations, bloom: undefined, cxMerkleProofReplayFix: 200n },
  };
  const at = (
    epoch: bigint,
  ): { proof: CrossShardProof; verifySeal: (header: Header) => boolean } => {
    const header = { ...HEADER, epoch };
    const proof = { ...proofFor(1, header), merkleProof: { ...proofFor(1, header).merkleProof } };
    return {
      proof: { ...proof, merkleProof: { ...proof.merkleProof, blockNumber: 9999n, shardId: 3 } },
      verifySeal: () => true,
    };
  };

  test('is refused, and finds the mark of the original', () => {
    expect(verifyCrossShardProof(forged, options())).toBe(false);
    expect(spentKeyPlace(forged)).toEqual(spentKeyPlace(proofFor(1)));
  });

  test('passes the rule of old nodes, under a fresh mark, until their fix', () => {
    const before = at(199n);
    const after = at(200n);
    const replay = { network: old, shardId: 1, rule: 'unbound-until-fix' } as const;
    expect(verifyCrossShardProof(before.proof, { ...before, ...replay })).toBe(true);
    expect(verifyCrossShardProof(after.proof, { ...after, ...replay })).toBe(false);
    expect(spentKeyPlace(before.proof, 'merkle-proof')).toEqual({ shardId: 3, blockNumber: 9999n });
    // The default refuses it at every epoch.
    expect(verifyCrossShardProof(before.proof, { ...before, network: old, shardId: 1 })).toBe(
      false,
    );
  });

  test('old nodes ignored surplus roots and took the last of a repeated destination', () => {
    const replay = options({ network: old, rule: 'unbound-until-fix', verifySeal: () => true });
    const header = { ...HEADER, epoch: 100n };
    const honest = proofFor(1, header);
    const shardRoots = [...honest.merkleProof.shardRoots, hashOf(1)];
    const surplus = { ...honest, merkleProof: { ...honest.merkleProof, shardRoots } };
    expect(verifyCrossShardProof(surplus, replay)).toBe(true);
    expect(() => assertValidCrossShardProof(surplus, { ...replay, rule: 'bound' })).toThrow(
      /as many roots as shards/,
    );
  });
});

describe('the incoming receipts of a block', () => {
  const later = { ...HEADER, number: 78n };
  const proofs = [proofFor(1), proofFor(1, later)];
  const check =
    (list: readonly CrossShardProof[], spent: readonly bigint[] = []) =>
    () =>
      assertValidIncomingReceipts(list, {
        ...options({ verifySeal: () => true }),
        isSpent: (shardId, blockNumber) => shardId === 0 && spent.includes(blockNumber),
      });

  test('are valid when each proof is, and none comes twice', () => {
    expect(check([])).not.toThrow();
    expect(check(proofs)).not.toThrow();
    expect(check([...proofs, proofs[0]!])).toThrow(/two proofs are of the same block/);
    expect(check([proofs[0]!, { ...proofs[1]!, receipts: [] }])).toThrow(/no receipts/);
  });

  test('are refused once they were spent, under whatever number a replay claims', () => {
    expect(check(proofs, [78n])).toThrow(/block 78 of shard 0 were spent/);
    const merkleProof = { ...proofs[0]!.merkleProof, blockNumber: 9999n };
    expect(check([{ ...proofs[0]!, merkleProof }], [77n])).toThrow(/block 77 .* were spent/);
  });
});

test('transfers are accepted from the epoch after crossTx', () => {
  const at = (epoch: bigint): boolean => {
    const header = { ...HEADER, epoch };
    const verifySeal = (): boolean => true;
    return verifyCrossShardProof(proofFor(1, header), { network: mainnet, shardId: 1, verifySeal });
  };
  expect([at(28n), at(29n)]).toEqual([false, true]);
});
