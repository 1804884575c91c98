/**
 * Messages made to order, signed with tags: what a member that breaks the rules can say in its own
 * name. Keys are those of `tagKey`; nothing here can sign for another member.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import type { Message, PhaseMessage, ViewMessage } from '../messages.js';
import {
  commitPayload,
  encodePreparedClaim,
  encodeSeal,
  NOTHING_PREPARED,
  preparePayload,
  type Seal,
  viewIdPayload,
} from '../seal.js';
import {
  computeSenderDigest,
  decodeGossip,
  decodeMessage,
  encodeGossip,
  encodeMessage,
} from '../wire.js';
import { signTag, sumTags } from './tag-bls.js';

const EMPTY = new Uint8Array(0);

/** A block as bytes and hash. */
export interface CraftedBlock {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
}

/** The gossip payload of a message as it stands. */
export function wrapMessage(message: Message): Uint8Array {
  return encodeGossip({ category: 'consensus', message: encodeMessage(message) });
}

/** The gossip payload of a message, signed by its sender's key. */
export function sealMessage(message: Message): Uint8Array {
  const unsigned = { ...message, signature: EMPTY };
  const signature = signTag(message.senderKey, computeSenderDigest(unsigned));
  return wrapMessage({ ...unsigned, signature });
}

/** The message in a payload; undefined if it is none of this wire version. */
export function openMessage(payload: Uint8Array): Message | undefined {
  try {
    const content = decodeGossip(payload);
    return content.category === 'consensus' ? decodeMessage(content.message) : undefined;
  } catch {
    return undefined;
  }
}

/** A message of a phase with unused fields empty, unsigned. */
export function phaseOf(
  type: PhaseMessage['type'],
  fields: Partial<PhaseMessage> & { readonly viewId: bigint; readonly height: bigint },
): PhaseMessage {
  return {
    type,
    signature: EMPTY,
    shardId: 0,
    blockHash: new Uint8Array(32),
    block: EMPTY,
    senderKey: EMPTY,
    payload: EMPTY,
    senderBitmap: EMPTY,
    ...fields,
  };
}

/** A message of a view change with unused fields empty, unsigned. */
function viewOf(
  type: ViewMessage['type'],
  fields: Partial<ViewMessage> & { readonly viewId: bigint; readonly height: bigint },
): ViewMessage {
  return {
    type,
    signature: EMPTY,
    shardId: 0,
    senderKey: EMPTY,
    leaderKey: EMPTY,
    payload: EMPTY,
    viewChangeSignature: EMPTY,
    viewIdSignature: EMPTY,
    m2Signature: EMPTY,
    m2Bitmap: EMPTY,
    m3Signature: EMPTY,
    m3Bitmap: EMPTY,
    preparedBlock: EMPTY,
    ...fields,
  };
}

/** A seal over a message by some keys of a committee. */
export function sealBy(
  keys: readonly Uint8Array[],
  slots: readonly number[],
  message: Uint8Array,
): Seal {
  return {
    signature: sumTags(slots.map((slot) => signTag(keys[slot]!, message))),
    bitmap: bitmapFromIndices(slots, keys.length),
  };
}

/** ANNOUNCE of a block. */
export function announceOf(
  senderKey: Uint8Array,
  height: bigint,
  viewId: bigint,
  block: CraftedBlock,
): Uint8Array {
  const blockHash = hexToBytes(block.hash);
  const fields = { height, viewId, blockHash, payload: blockHash, block: block.bytes, senderKey };
  return sealMessage(phaseOf('announce', fields));
}

/** PREPARED of a block with a seal. */
export function preparedOf(
  senderKey: Uint8Array,
  height: bigint,
  viewId: bigint,
  block: CraftedBlock,
  seal: Seal,
): Uint8Array {
  const payload = encodeSeal(seal);
  const blockHash = hexToBytes(block.hash);
  return sealMessage(
    phaseOf('prepared', { height, viewId, blockHash, payload, block: block.bytes, senderKey }),
  );
}

/** COMMITTED of a block hash with a seal. */
export function committedOf(
  senderKey: Uint8Array,
  height: bigint,
  viewId: bigint,
  hash: Hash,
  seal: Seal,
): Uint8Array {
  const payload = encodeSeal(seal);
  const blockHash = hexToBytes(hash);
  return sealMessage(phaseOf('committed', { height, viewId, blockHash, payload, senderKey }));
}

/** PREPARE or COMMIT for a block hash. */
export function voteOf(
  kind: 'prepare' | 'commit',
  senderKey: Uint8Array,
  height: bigint,
  viewId: bigint,
  hash: Hash,
  headerView: bigint = viewId,
): Uint8Array {
  const message =
    kind === 'prepare' ? preparePayload(hash) : commitPayload(height, hash, headerView, true);
  const payload = signTag(senderKey, message);
  return wrapMessage(
    phaseOf(kind, { height, viewId, blockHash: hexToBytes(hash), payload, senderKey }),
  );
}

/** VIEWCHANGE, with M1 if there is a claim. */
export function viewChangeOf(
  senderKey: Uint8Array,
  leaderKey: Uint8Array,
  height: bigint,
  viewId: bigint,
  claim?: { readonly hash: Hash; readonly seal: Seal; readonly block: Uint8Array },
): Uint8Array {
  const payload = claim ? encodePreparedClaim(claim.hash, claim.seal) : EMPTY;
  return sealMessage(
    viewOf('view-change', {
      height,
      viewId,
      senderKey,
      leaderKey,
      payload,
      viewChangeSignature: signTag(senderKey, claim ? payload : NOTHING_PREPARED),
      viewIdSignature: signTag(senderKey, viewIdPayload(viewId)),
      preparedBlock: claim?.block ?? EMPTY,
    }),
  );
}

/** NEWVIEW from sums of M3 and M2, and an M1 to carry. */
export function newViewOf(
  senderKey: Uint8Array,
  height: bigint,
  viewId: bigint,
  m3: Seal,
  m2: Seal | undefined,
  claim?: { readonly payload: Uint8Array; readonly block: Uint8Array },
): Uint8Array {
  return sealMessage(
    viewOf('new-view', {
      height,
      viewId,
      senderKey,
      payload: claim?.payload ?? EMPTY,
      preparedBlock: claim?.block ?? EMPTY,
      m3Signature: m3.signature,
      m3Bitmap: m3.bitmap,
      ...(m2 && { m2Signature: m2.signature, m2Bitmap: m2.bitmap }),
    }),
  );
}
