/** Helpers that turn vector fields into values. */
import { type Hex, hexToBytes } from '@polyphony/primitives';
import { uniformCommittee } from '../../src/committee.js';
import type { VotingCommittee } from '../../src/ports.js';
import type { Message, MessageType } from '../../src/wire.js';

/** A committee of distinct filler keys. */
export function committeeOf(members: number): VotingCommittee {
  return uniformCommittee(
    Array.from({ length: members }, (_, slot) => {
      const key = new Uint8Array(48).fill(0xaa);
      key[0] = slot & 255;
      key[1] = slot >> 8;
      return key;
    }),
  );
}

/** A message from the fields of a vector; fields left out are empty or zero. */
export function messageFromVector(
  fields: Record<string, string | number> & { type: MessageType },
): Message {
  const bytes = (name: string): Uint8Array =>
    fields[name] === undefined ? new Uint8Array(0) : hexToBytes(fields[name] as Hex);
  const big = (name: string): bigint => BigInt(fields[name] ?? 0);
  const common = {
    signature: bytes('signature'),
    shardId: Number(fields.shardId ?? 0),
    senderKey: bytes('senderKey'),
  };
  const { type } = fields;
  if (type === 'last-sign-power')
    return {
      type,
      ...common,
      prepare: big('prepare'),
      commit: big('commit'),
      change: big('change'),
    };
  const rest = {
    ...common,
    viewId: big('viewId'),
    height: big('height'),
    payload: bytes('payload'),
  };
  if (type === 'view-change' || type === 'new-view') {
    return {
      type,
      ...rest,
      leaderKey: bytes('leaderKey'),
      viewChangeSignature: bytes('viewChangeSignature'),
      viewIdSignature: bytes('viewIdSignature'),
      m2Signature: bytes('m2Signature'),
      m2Bitmap: bytes('m2Bitmap'),
      m3Signature: bytes('m3Signature'),
      m3Bitmap: bytes('m3Bitmap'),
      preparedBlock: bytes('preparedBlock'),
    };
  }
  return {
    type,
    ...rest,
    blockHash: bytes('blockHash'),
    block: bytes('block'),
    senderBitmap: bytes('senderBitmap'),
  };
}
