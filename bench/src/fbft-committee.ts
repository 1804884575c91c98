/** Secret keys, votes and drivers of a committee with real signatures, for the rows that need them. */
import type { Bls } from '@polyphony/bls';
import { type HeadInfo, uniformCommittee, type VotingCommittee } from '@polyphony/fbft';
import type { Application } from '@polyphony/fbft/driver';
import { decodeSimBlock, encodeSimBlock, validateSimBlock } from '@polyphony/fbft/simulator';
import type { Hash } from '@polyphony/primitives';

/** Members and their secret keys, in order of slots. */
export interface Keyring {
  readonly secretKeys: readonly Uint8Array[];
  readonly committee: VotingCommittee;
}

/** Fixed secret keys, which differ from shard to shard. */
export function makeKeyring(bls: Bls, members: number, shard: number): Keyring {
  const secretKeys = Array.from({ length: members }, (_, id) => {
    const secretKey = new Uint8Array(32).fill(id & 31);
    new DataView(secretKey.buffer).setUint32(8, (shard << 16) + id + 1);
    return secretKey;
  });
  const keys = secretKeys.map((secretKey) => bls.getPublicKey(secretKey));
  return { secretKeys, committee: uniformCommittee(keys) };
}

/** The head below the first block. */
export function genesisOf(committee: VotingCommittee, timestampMs: number): HeadInfo {
  const hash: Hash = `0x${'11'.repeat(32)}`;
  return { height: 0n, hash, viewId: 0n, timestampMs, epoch: 0n, committee };
}

/** A member's application: blocks without content, and what it decided. */
export interface MemberApplication extends Application {
  /** Hashes of final blocks, in order. */
  readonly chain: Hash[];
}

/**
 * Blocks without content, with the nonces given.
 *
 * @param onCommit - Hears of every final block.
 */
export function emptyBlocks(
  genesis: HeadInfo,
  nonceOf: (height: bigint) => bigint,
  onCommit: (height: bigint) => void = () => undefined,
): MemberApplication {
  let { hash: head } = genesis;
  const chain: Hash[] = [];
  return {
    chain,
    propose: async ({ height, viewId, head: { hash: parentHash } }) => {
      const { bytes, hash } = encodeSimBlock({
        height,
        viewId,
        parentHash,
        nonce: nonceOf(height),
        bad: false,
      });
      return { block: bytes, blockHash: hash };
    },
    validate: async (block) => validateSimBlock(block, head),
    commit: async (block, _seal, { height, blockHash, viewId }) => {
      if (decodeSimBlock(block)?.height !== height) throw new Error('not the block of its height');
      head = blockHash;
      chain.push(blockHash);
      onCommit(height);
      const { committee, epoch } = genesis;
      return {
        height,
        hash: blockHash,
        viewId,
        timestampMs: genesis.timestampMs,
        epoch,
        committee,
      };
    },
  };
}
