/**
 * Value on its way from one shard to another: receipts, the roots over them, and the proof with
 * which the destination checks them.
 *
 * A proof carries all receipts of one source block for one destination, the roots for all
 * destinations, and the source header with its seal. The seal is checked by a function that the
 * caller passes. Not here: crediting, and the store of what was spent.
 *
 * @source harmony/core/types/cx_receipt.go; core/block_validator.go: ValidateCXReceiptsProof
 */
import { isActive, type Network } from '@polyphony/networks';
import { bytesToHex, type Hash, hexToBytes, joinBytes, uint32ToBytes } from '@polyphony/primitives';
import {
  type CrossShardMerkleProof,
  type CrossShardProof,
  type CrossShardReceipt,
  encodeCrossShardReceipt,
} from './cross-shard-receipt.js';
import { ChainError } from './errors.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { computeHeaderHash, type Header } from './header.js';
import { computeIndexedListRoot, computeListRoot } from './list-root.js';
import { acceptsCrossShard } from './transaction.js';
import { EMPTY_ROOT } from './trie-root.js';

export {
  type CrossShardMerkleProof,
  type CrossShardProof,
  type CrossShardReceipt,
  decodeCrossShardMerkleProof,
  decodeCrossShardProof,
  decodeCrossShardReceipt,
  decodeCrossShardReceipts,
  encodeCrossShardMerkleProof,
  encodeCrossShardProof,
  encodeCrossShardReceipt,
  encodeCrossShardReceipts,
} from './cross-shard-receipt.js';

/** A destination and the root over the receipts for it. */
export interface ShardRoot {
  readonly shardId: number;
  readonly root: Hash;
}

/**
 * Under which index a receipt stands in the list of its destination: counted anew for each
 * destination, or, by an older rule that validation still accepts, its place in the whole block.
 */
export type ReceiptIndexing = 'per-destination' | 'per-block';

/**
 * The root for each destination that has receipts, ascending by shard.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/cx_receipt.go: ComputeMerkleRoot; derive_sha.go: DeriveMultipleShardsSha
 */
export function computeShardRoots(
  receipts: readonly CrossShardReceipt[],
  indexing: ReceiptIndexing = 'per-destination',
  hasher: Hasher = defaultHasher,
): ShardRoot[] {
  const lists = new Map<number, [index: number, item: Uint8Array][]>();
  for (const [index, receipt] of receipts.entries()) {
    const list = lists.get(receipt.toShardId) ?? [];
    list.push([indexing === 'per-block' ? index : list.length, encodeCrossShardReceipt(receipt)]);
    lists.set(receipt.toShardId, list);
  }
  return [...lists]
    .sort(([a], [b]) => a - b)
    .map(([shardId, list]) => ({ shardId, root: computeIndexedListRoot(list, hasher) }));
}

/** Hash over destinations and their roots in the given order; the empty root for none. */
function hashShardRoots(roots: readonly ShardRoot[], hasher: Hasher): Hash {
  if (roots.length === 0) return EMPTY_ROOT;
  const parts = roots.flatMap(({ shardId, root }) => [uint32ToBytes(shardId), hexToBytes(root)]);
  return bytesToHex(hasher.keccak256(joinBytes(parts)));
}

/**
 * The header's root over outgoing receipts: Keccak-256 over the 4-byte shard id and root of each
 * destination; the empty root without receipts.
 *
 * @param receipts - In block order.
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/cx_receipt.go: ComputeMerkleRoot
 * @activation crossTx; compared from the epoch after it
 */
export function computeOutgoingReceiptsRoot(
  receipts: readonly CrossShardReceipt[],
  indexing: ReceiptIndexing = 'per-destination',
  hasher: Hasher = defaultHasher,
): Hash {
  return hashShardRoots(computeShardRoots(receipts, indexing, hasher), hasher);
}

/** What {@link crossShardProofOf} needs. */
export interface CrossShardProofInput {
  /** Header of the source block. */
  readonly header: Header;
  /** All receipts of the source block, in block order. */
  readonly receipts: readonly CrossShardReceipt[];
  readonly toShardId: number;
  readonly commitSignature: Uint8Array;
  readonly commitBitmap: Uint8Array;
}

/**
 * The proof that a shard sends to a destination; undefined when the block has no receipts for it.
 *
 * @throws {@link ChainError} `chain/invalid-cross-shard-proof` when the receipts are not the ones
 * the header commits to.
 * @source harmony/core/blockchain_impl.go: CXMerkleProof; consensus/post_processing.go
 */
export function crossShardProofOf(
  input: CrossShardProofInput,
  hasher: Hasher = defaultHasher,
): CrossShardProof | undefined {
  const { header, toShardId } = input;
  const receipts = input.receipts.filter((receipt) => receipt.toShardId === toShardId);
  if (receipts.length === 0) return undefined;
  const roots = computeShardRoots(input.receipts, 'per-destination', hasher);
  const outgoingReceiptsRoot = hashShardRoots(roots, hasher);
  if (outgoingReceiptsRoot !== header.outgoingReceiptsRoot) {
    refuse('the receipts do not have the root in the header');
  }
  return {
    receipts,
    merkleProof: {
      blockNumber: header.number,
      blockHash: computeHeaderHash(header, hasher),
      shardId: header.shardId,
      outgoingReceiptsRoot,
      shardIds: roots.map(({ shardId }) => shardId),
      shardRoots: roots.map(({ root }) => root),
    },
    header,
    commitSignature: input.commitSignature,
    commitBitmap: input.commitBitmap,
  };
}

/**
 * Which parts of a proof must agree with its sealed header.
 *
 * - `bound`: number and shard of the merkle proof are the header's, the two lists are equally long,
 *   and destinations ascend without repetition. Honest proofs always pass.
 * - `unbound-until-fix`: what nodes accepted: the two numbers are compared only from the activation
 *   `cxMerkleProofReplayFix` (epoch of the source header), surplus roots are ignored and of a
 *   repeated destination the last root counts. Such a proof can be spent again under another
 *   number. For replay of old blocks only.
 */
export type CrossShardProofRule = 'bound' | 'unbound-until-fix';

/** How a proof is checked. */
export interface VerifyCrossShardProofOptions {
  readonly network: Network;
  /** The destination: the shard that checks. */
  readonly shardId: number;
  /**
   * Whether a seal is that of the source committee over the header, with quorum. It must refuse
   * bytes of wrong lengths itself, and not throw.
   */
  readonly verifySeal: (header: Header, signature: Uint8Array, bitmap: Uint8Array) => boolean;
  readonly rule?: CrossShardProofRule;
  readonly hasher?: Hasher;
}

function refuse(reason: string): never {
  throw new ChainError({ code: 'chain/invalid-cross-shard-proof', reason });
}

/** Roots by destination as the rule reads them. */
function shardRootsOf(proof: CrossShardMerkleProof, rule: CrossShardProofRule): ShardRoot[] {
  const { shardIds, shardRoots } = proof;
  if (rule === 'bound' && shardRoots.length !== shardIds.length) {
    refuse('the merkle proof must have as many roots as shards');
  }
  if (shardRoots.length < shardIds.length) refuse('the merkle proof has fewer roots than shards');
  return shardIds.map((shardId, i) => {
    if (rule === 'bound' && i > 0 && shardId <= shardIds[i - 1]!) {
      refuse('the shards of the merkle proof must ascend');
    }
    return { shardId, root: shardRoots[i]! };
  });
}

function assertBound(proof: CrossShardProof, network: Network, rule: CrossShardProofRule): void {
  const { header, merkleProof } = proof;
  if (rule !== 'bound' && !isActive(network, 'cxMerkleProofReplayFix', header.epoch)) return;
  if (header.number !== merkleProof.blockNumber || header.shardId !== merkleProof.shardId) {
    refuse('BlockNum or ShardID not match in block Header');
  }
}

/**
 * Checks a proof in the node's order: cross-shard transfers exist at the source epoch; all receipts
 * are for this shard; their root, the root over destinations and the block hash are the header's;
 * the merkle proof is bound to the header; the seal holds.
 *
 * Whether the receipts were spent already is the caller's question, under {@link spentKeyPlace}.
 *
 * @throws {@link ChainError} `chain/invalid-cross-shard-proof`; `chain/out-of-range` and
 * `chain/field-not-in-version` for a proof that cannot be encoded.
 * @source harmony/core/block_validator.go: ValidateCXReceiptsProof
 * @activation crossTx + 1; cxMerkleProofReplayFix
 */
export function assertValidCrossShardProof(
  proof: CrossShardProof,
  options: VerifyCrossShardProofOptions,
): void {
  const { network, shardId } = options;
  const rule = options.rule ?? 'bound';
  const hasher = options.hasher ?? defaultHasher;
  const { header, merkleProof, receipts } = proof;
  if (!acceptsCrossShard(network, header.epoch)) {
    refuse('cross shard receipt received before cx fork');
  }
  if (receipts.length === 0) refuse('the proof has no receipts');
  if (receipts.some((receipt) => receipt.toShardId !== shardId)) {
    refuse(`all receipts must be for shard ${shardId}`);
  }
  const roots = shardRootsOf(merkleProof, rule);
  const ownRoot = roots.findLast((entry) => entry.shardId === shardId)?.root;
  if (computeListRoot(receipts.map(encodeCrossShardReceipt), hasher) !== ownRoot) {
    refuse(`the receipts do not have the root of the merkle proof for shard ${shardId}`);
  }
  if (hashShardRoots(roots, hasher) !== merkleProof.outgoingReceiptsRoot) {
    refuse('the roots of the merkle proof do not have its outgoing receipts root');
  }
  if (computeHeaderHash(header, hasher) !== merkleProof.blockHash) {
    refuse('the merkle proof is of another block');
  }
  if (header.outgoingReceiptsRoot !== merkleProof.outgoingReceiptsRoot) {
    refuse('the merkle proof has another outgoing receipts root than the header');
  }
  assertBound(proof, network, rule);
  if (!options.verifySeal(header, proof.commitSignature, proof.commitBitmap)) {
    refuse('the seal of the source block does not hold');
  }
}

/**
 * Whether a proof holds: {@link assertValidCrossShardProof} as an answer.
 *
 * @example
 * verifyCrossShardProof(decodeCrossShardProof(bytes), { network: mainnet, shardId: 1, verifySeal })
 */
export function verifyCrossShardProof(
  proof: CrossShardProof,
  options: VerifyCrossShardProofOptions,
): boolean {
  try {
    assertValidCrossShardProof(proof, options);
    return true;
  } catch (error) {
    if (error instanceof ChainError) return false;
    throw error;
  }
}

/**
 * From which part of a proof the mark that it was spent takes shard and number: from the sealed
 * header, or, as nodes did before release 2026.1.1, from the merkle proof, which nothing bound.
 */
export type SpentKeyRule = 'header' | 'merkle-proof';

/**
 * Shard and number under which the receipts of a proof are marked as spent. For honest proofs both
 * rules agree.
 *
 * @source harmony/core/blockchain_impl.go: WriteCXReceiptsProofSpent, IsSpent
 */
export function spentKeyPlace(
  proof: Pick<CrossShardProof, 'header' | 'merkleProof'>,
  rule: SpentKeyRule = 'header',
): { readonly shardId: number; readonly blockNumber: bigint } {
  return rule === 'header'
    ? { shardId: proof.header.shardId, blockNumber: proof.header.number }
    : { shardId: proof.merkleProof.shardId, blockNumber: proof.merkleProof.blockNumber };
}

/** How the incoming receipts of a block are checked. */
export interface IncomingReceiptsOptions extends VerifyCrossShardProofOptions {
  /** Whether the receipts of a source block were credited already. */
  readonly isSpent: (shardId: number, blockNumber: bigint) => boolean;
  readonly spentKeyRule?: SpentKeyRule;
}

/**
 * Checks all proofs of a block: none was spent, no two are of the same source block, each holds.
 * Their root in the header is {@link incomingReceiptsRoot} over their bytes.
 *
 * @throws {@link ChainError} as {@link assertValidCrossShardProof} does.
 * @source harmony/core/blockchain_impl.go: VerifyIncomingReceipts
 * @activation always in consensus; for blocks taken from peers from `strictStateValidation`
 */
export function assertValidIncomingReceipts(
  proofs: readonly CrossShardProof[],
  options: IncomingReceiptsOptions,
): void {
  const seen = new Set<Hash>();
  for (const proof of proofs) {
    const { shardId, blockNumber } = spentKeyPlace(proof, options.spentKeyRule);
    if (options.isSpent(shardId, blockNumber)) {
      refuse(`the receipts of block ${blockNumber} of shard ${shardId} were spent`);
    }
    if (seen.has(proof.merkleProof.blockHash)) refuse('two proofs are of the same block');
    seen.add(proof.merkleProof.blockHash);
    assertValidCrossShardProof(proof, options);
  }
}
