/**
 * Heartbeats of cross-links: how the beacon shard tells another shard which of its blocks it has linked, so
 * that the shard sends the next ones.
 *
 * A node message from the beacon's leader (and one in a hundred of its validators) to the topic of the shard.
 * Here are its bytes and what is signed. Not here: whether the key sits in the beacon's committee, and
 * the signature itself.
 *
 * @source harmony/core/types/crosslink_heartbeat.go; harmony/node/harmony/node_cross_link.go:
 * processCrossLinkHeartbeatMessage; node_handler.go: BroadcastCrosslinkHeartbeatSignalFromBeaconToShards
 */
import { encodeRlp, openRlpList, type RlpInput } from '@polyphony/primitives';
import { decoding } from './errors.js';
import { EMPTY_BYTES, fixedField, uint32Field, uintField } from './fields.js';

/** What the beacon shard has linked last. */
export interface CrossLinkHeartbeat {
  /** The shard that is told. */
  readonly shardId: number;
  /** The last block of it with a link to every block before it. */
  readonly latestBlock: bigint;
  /** Epoch of that link. */
  readonly epoch: bigint;
  /** Of a member of the beacon's committee, 48 bytes. */
  readonly publicKey: Uint8Array;
  /** 96 bytes. */
  readonly signature: Uint8Array;
}

function items(heartbeat: Omit<CrossLinkHeartbeat, 'signature'>, signature: Uint8Array): RlpInput {
  return [
    uint32Field(heartbeat.shardId, 'shardId'),
    uintField(heartbeat.latestBlock, 64, 'latestBlock'),
    uintField(heartbeat.epoch, 64, 'epoch'),
    fixedField(heartbeat.publicKey, 48, 'publicKey'),
    signature,
  ];
}

/**
 * What is given to the network's BLS signature: the heartbeat with an empty signature. Harmony's
 * ciphersuite looks at its first 48 bytes only: shard, block, epoch and the start of the key.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 */
export function crossLinkHeartbeatPayload(
  heartbeat: Omit<CrossLinkHeartbeat, 'signature'>,
): Uint8Array {
  return encodeRlp(items(heartbeat, EMPTY_BYTES));
}

/**
 * `[shardId, latestBlock, epoch, publicKey, signature]`, the body of a node message of that kind.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/crosslink_heartbeat.go: CrosslinkHeartbeat
 */
export function encodeCrossLinkHeartbeat(heartbeat: CrossLinkHeartbeat): Uint8Array {
  return encodeRlp(items(heartbeat, fixedField(heartbeat.signature, 96, 'signature')));
}

/**
 * Reads a heartbeat.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`, also for a key that does not have 48 bytes or a signature
 * that does not have 96.
 */
export function decodeCrossLinkHeartbeat(bytes: Uint8Array): CrossLinkHeartbeat {
  return decoding('cross-link heartbeat', () => {
    const list = openRlpList(bytes);
    const heartbeat: CrossLinkHeartbeat = {
      shardId: list.readUint32(),
      latestBlock: list.readBigInt(64),
      epoch: list.readBigInt(64),
      publicKey: list.readFixed(48).slice(),
      signature: list.readFixed(96).slice(),
    };
    list.assertDone('cross-link heartbeat');
    return heartbeat;
  });
}
