/**
 * The prepare votes behind the blocks that this node decided, kept beside the chain.
 *
 * With the seal they are the whole proof of a decision: if another block of its height ever turns
 * up as decided, `findGuilty` names those who made both possible, also after a restart. No block and
 * no other node depends on them: a block that was fetched has its seal and nothing more.
 */
import { decodeCommitSeal } from '@polyphony/chain';
import type { DecisionProof } from '@polyphony/fbft';
import type { CommitContext } from '@polyphony/fbft/driver';
import { decodeSeal, encodeSeal } from '@polyphony/fbft/seal';
import type { Network } from '@polyphony/networks';
import {
  bigIntToBytes,
  concatBytes,
  encodeRlp,
  openRlpList,
  utf8ToBytes,
} from '@polyphony/primitives';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';
import type { ChainStore } from './chain-store.js';

/** The decisions of one shard that a node can prove. */
export interface Decisions {
  /** The operations that keep the prepare votes of a block, to be written with it. */
  operationsOf(context: CommitContext): readonly BatchOperation[];
  /** The proof of a final block; undefined where this node did not see it decided, or before `strict`. */
  at(number: bigint): DecisionProof | undefined;
}

const PREFIX = utf8ToBytes('prepare-votes/');

const keyOf = (number: bigint): Uint8Array => concatBytes(PREFIX, bigIntToBytes(number, 8));

/** The decisions in a store, beside its chain. */
export function openDecisions(
  store: KeyValueStore,
  chain: ChainStore,
  network: Network,
): Decisions {
  return {
    operationsOf({ height, decidedInView, prepared }) {
      if (prepared === undefined) return [];
      const value = encodeRlp([decidedInView, prepared.justifiedBy, encodeSeal(prepared.seal)]);
      return [{ type: 'put', key: keyOf(height), value }];
    },
    at(number) {
      const bytes = store.getSync(keyOf(number));
      const blockHash = chain.hashOf(number);
      const fields = chain.seal(number);
      if (bytes === undefined || blockHash === undefined || fields === undefined) return undefined;
      const list = openRlpList(bytes);
      const viewId = list.readBigInt(64);
      const justifiedBy = list.readBigInt(64);
      const prepared = { justifiedBy, seal: decodeSeal(list.readBytes()) };
      list.assertDone('prepare votes');
      const { signature, bitmap } = decodeCommitSeal(fields, network);
      return { height: number, viewId, blockHash, seal: { signature, bitmap }, prepared };
    },
  };
}
