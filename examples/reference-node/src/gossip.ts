/**
 * What nodes of a network tell each other: on which topic, in which bytes, and who takes it in.
 *
 * Whoever takes something in checks it; what is malformed is passed over here.
 */
import {
  decodeSlashRecords,
  decodeTransaction,
  encodeSlashRecords,
  encodeTransaction,
  type SignedTransaction,
  type SlashRecord,
} from '@polyphony/chain';
import type { Driver } from '@polyphony/fbft/driver';
import { decodeGossip, encodeGossip } from '@polyphony/fbft/wire';
import type { Network } from '@polyphony/networks';
import { clientTopicOf, type Gossip, type GossipHandler, topicOf } from '@polyphony/p2p';
import { encodeRlp, isProtocolError, openRlpList } from '@polyphony/primitives';
import type { Admission } from './admission.js';
import type { EpochChain } from './epoch-chain.js';
import type { EvidencePool } from './evidence.js';
import { PoolRejection } from './mempool.js';
import type { EpochRandomness } from './randomness.js';

/** Where a node talks. */
export interface NodeGossipOptions {
  readonly network: Network;
  readonly shardId: number;
  /** Its place among the nodes of its shard. */
  readonly peer: Gossip;
  /** On other shards: its place among the nodes of the beacon shard. */
  readonly beaconPeer?: Gossip;
}

/** Who takes in what the nodes of the own shard say. */
export interface ShardListeners {
  readonly consensus: Pick<Driver, 'receive'>;
  readonly admission: Admission;
  /** On the beacon shard. */
  readonly evidence?: EvidencePool;
}

/** The voice and the ears of a node. What `on…` answers ends the listening. */
export interface NodeGossip {
  publishConsensus(payload: Uint8Array): void;
  publishTransaction(transaction: SignedTransaction): void;
  /** @param bytes - Of one staking transaction. */
  publishStaking(bytes: Uint8Array): void;
  /** To the beacon shard. */
  publishEvidence(record: SlashRecord): void;
  /** From the beacon to nodes of other shards. @param body - Of `encodeEpochBlock`. */
  publishEpochBlock(body: Uint8Array): void;
  /** Among the beacon's members. */
  publishContributions(contributions: Uint8Array): void;
  onShard(listeners: ShardListeners): () => void;
  /** @param onFailure - Told when the store failed. */
  onEpochBlocks(epochs: EpochChain, onFailure: (error: Error) => void): () => void;
  onContributions(randomness: EpochRandomness): () => void;
}

const BEACON_SHARD_ID = 0;

/** Largest transaction list that is read from gossip. */
const MAX_GOSSIPED_TRANSACTIONS = 512;

/** A handler that passes over what is malformed. */
function tolerant(take: (data: Uint8Array, from: string) => void): GossipHandler {
  return ({ data, from }) => {
    try {
      take(data, from);
    } catch (error) {
      if (!isProtocolError(error)) throw error;
      // Malformed bytes of a peer.
    }
  };
}

function takeEach(body: Uint8Array, take: (bytes: Uint8Array) => void): void {
  const list = openRlpList(body);
  for (let i = 0; !list.done && i < MAX_GOSSIPED_TRANSACTIONS; i++) {
    try {
      take(list.readRaw());
    } catch (error) {
      // A peer may send what this pool has or does not want: nothing to do for either.
      if (!(error instanceof PoolRejection) && !isProtocolError(error)) throw error;
    }
  }
}

/** The gossip of a node of one shard. */
export function createNodeGossip(options: NodeGossipOptions): NodeGossip {
  const { network, shardId, peer, beaconPeer } = options;
  const topic = topicOf(network, shardId);
  const beaconTopic = topicOf(network, BEACON_SHARD_ID);
  const clientTopic = clientTopicOf(network, BEACON_SHARD_ID);
  const contributionTopic = `${beaconTopic}/contributions`;

  return {
    publishConsensus: (payload) => peer.publish(topic, payload),
    publishTransaction(transaction) {
      const body = encodeRlp([{ rlp: encodeTransaction(transaction) }]);
      peer.publish(topic, encodeGossip({ category: 'node', kind: 'transactions', body }));
    },
    publishStaking(bytes) {
      const body = encodeRlp([{ rlp: bytes }]);
      peer.publish(topic, encodeGossip({ category: 'node', kind: 'staking-transactions', body }));
    },
    publishEvidence(record) {
      const body = encodeSlashRecords([record]);
      const place = beaconPeer ?? peer;
      place.publish(beaconTopic, encodeGossip({ category: 'node', kind: 'slash', body }));
    },
    publishEpochBlock: (body) =>
      peer.publish(clientTopic, encodeGossip({ category: 'node', kind: 'epoch-block', body })),
    publishContributions: (contributions) => peer.publish(contributionTopic, contributions),

    onShard({ consensus, admission, evidence }) {
      const take = (data: Uint8Array, from: string): void => {
        const content = decodeGossip(data);
        if (content.category !== 'node') consensus.receive(from, data);
        else if (content.kind === 'transactions') {
          takeEach(content.body, (bytes) => admission.admit(decodeTransaction(bytes)));
        } else if (content.kind === 'staking-transactions') {
          takeEach(content.body, admission.admitStaking);
        } else if (content.kind === 'slash' && evidence !== undefined) {
          for (const record of decodeSlashRecords(content.body, network.consensusVersion))
            evidence.add(record);
        }
      };
      return peer.subscribe(topic, tolerant(take));
    },
    onEpochBlocks(epochs, onFailure) {
      const take = (data: Uint8Array): void => {
        const content = decodeGossip(data);
        if (content.category !== 'node' || content.kind !== 'epoch-block') return;
        epochs.receive(content.body).catch(onFailure);
      };
      return (beaconPeer ?? peer).subscribe(clientTopic, tolerant(take));
    },
    onContributions: (randomness) =>
      peer.subscribe(
        contributionTopic,
        tolerant((data) => randomness.receive(data)),
      ),
  };
}
