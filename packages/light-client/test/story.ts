/**
 * What hostile bytes are made from: chains of shards 0 and 1 over two epochs, a receipt from one to
 * the other with its proof, and the link by which the beacon knows of the block it is in.
 */
import {
  type CrossLink,
  type CrossShardProof,
  computeHeaderHash,
  computeOutgoingReceiptsRoot,
  crossShardProofOf,
  type Header,
} from '@polyphony/chain';
import { committeeLookup } from '../src/index.js';
import { harmony as bls, committeeOfTest, makeChain, sealOf, shortNetwork } from './support.js';

export const network = shortNetwork;
/** Of shard 0: epochs 0 to 2. */
export const chain = makeChain({ blocks: 17 });
const shard1 = makeChain({ blocks: 10, shardId: 1 });
const states = new Map([0n, 1n, 2n].map((epoch) => [epoch, chain.committeesAt(epoch)]));
export const committeeAt = committeeLookup(network, states);
/** What proofs and links are verified with on shard 0. */
export const rules = { network, bls, shardId: 0, committeeAt };

/** A proof from shard 1 to shard 0, the header it is for, and a link to that block. */
export function crossShardStory(): {
  readonly proof: CrossShardProof;
  readonly header: Header;
  readonly link: CrossLink;
} {
  const receipt = {
    transactionHash: `0x${'01'.repeat(32)}`,
    from: `0x${'aa'.repeat(20)}`,
    to: `0x${'bb'.repeat(20)}`,
    shardId: 1,
    toShardId: 0,
    amount: 9n,
  } as const;
  const header: Header = {
    ...shard1.headers[10]!.header,
    outgoingReceiptsRoot: computeOutgoingReceiptsRoot([receipt]),
  };
  const blockHash = computeHeaderHash(header);
  const secret = committeeOfTest(bls, { shardId: 1, salt: Number(header.epoch) });
  const { signature, bitmap } = sealOf(bls, secret, { ...header, hash: blockHash });
  const proof = crossShardProofOf({
    header,
    receipts: [receipt],
    toShardId: 0,
    commitSignature: signature,
    commitBitmap: bitmap,
  })!;
  const { number: blockNumber, viewId, epoch } = header;
  const link = { blockHash, blockNumber, viewId, signature, bitmap, shardId: 1, epoch };
  return { proof, header, link };
}
