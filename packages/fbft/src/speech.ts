/**
 * The messages this node sends, in the wire version of its profile.
 *
 * Unsigned messages go into sign plans; signed ones become gossip payloads. The view change has its
 * own messages in `view-change.ts` and `strict/view-change.ts`.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import { encodeGossip } from './envelope.js';
import type { Certificate } from './mark.js';
import { encodeMessageGossip } from './message-encoding.js';
import type { PhaseMessage } from './messages.js';
import { encodeSeal, type Seal } from './seal.js';
import type { StrictAnnounce, StrictCertificate } from './strict/messages.js';
import { encodeStrictMessage } from './strict/wire.js';
import { hashBytes, headOf, NO_BYTES } from './turn.js';
import type { OutMessage, PreparedPart, State } from './types.js';
import type { Ballot } from './votes.js';

/** The gossip payload of a signed message. */
export function gossipOf(message: OutMessage): Uint8Array {
  if ('wire' in message)
    return encodeGossip({ category: 'consensus-2', message: encodeStrictMessage(message) });
  return encodeMessageGossip(message);
}

/** A message of wire version 1 for the current height and view, with unused fields empty. */
function phaseMessage(
  state: State,
  type: PhaseMessage['type'],
  blockHash: Hash,
  fields: Partial<PhaseMessage>,
): PhaseMessage {
  return {
    type,
    signature: NO_BYTES,
    viewId: state.viewId,
    height: state.height,
    shardId: state.config.shardId,
    blockHash: hexToBytes(blockHash),
    block: NO_BYTES,
    senderKey: NO_BYTES,
    payload: NO_BYTES,
    senderBitmap: NO_BYTES,
    ...fields,
  };
}

/** Common fields of a message of wire version 2 for the current height and view. */
export function strictFields(
  state: State,
): Pick<StrictAnnounce, 'wire' | 'shardId' | 'epoch' | 'height' | 'viewId' | 'signature'> {
  const { height, viewId } = state;
  const { epoch } = headOf(state);
  const { shardId } = state.config;
  return { wire: 2, shardId, epoch, height, viewId, signature: NO_BYTES };
}

/** A prepare certificate as messages of wire version 2 carry it. */
export function wireCertificate(certificate: {
  readonly viewId: bigint;
  readonly blockHash: Hash;
  readonly justifiedBy?: bigint;
  readonly seal: Seal;
}): StrictCertificate {
  const { viewId, justifiedBy = 0n, seal } = certificate;
  return { viewId, justifiedBy, seal, blockHash: hexToBytes(certificate.blockHash) };
}

/** An unsigned ANNOUNCE. */
export function announceMessage(
  state: State,
  slot: number,
  blockHash: Hash,
  block: Uint8Array,
): OutMessage {
  const hash = hexToBytes(blockHash);
  if (state.config.profile.wire === 2)
    return { ...strictFields(state), type: 'announce', slot, blockHash: hash, block };
  const senderKey = headOf(state).committee.keys[slot]!;
  return phaseMessage(state, 'announce', blockHash, { senderKey, payload: hash, block });
}

/** An unsigned PREPARED. */
export function preparedMessage(state: State, slot: number, certificate: Certificate): OutMessage {
  const { blockHash, block, seal } = certificate;
  if (state.config.profile.wire === 2) {
    const proof = wireCertificate(certificate);
    return { ...strictFields(state), type: 'prepared', slot, certificate: proof, block };
  }
  const senderKey = headOf(state).committee.keys[slot]!;
  return phaseMessage(state, 'prepared', blockHash, {
    senderKey,
    payload: encodeSeal(seal),
    block,
  });
}

/** An unsigned COMMITTED of the current height and view. */
export function committedMessage(
  state: State,
  slot: number,
  blockHash: Hash,
  seal: Seal,
  prepared: PreparedPart | undefined,
): OutMessage {
  if (state.config.profile.wire === 2 && prepared !== undefined) {
    const certificate = wireCertificate({ ...prepared, viewId: state.viewId, blockHash });
    return { ...strictFields(state), type: 'committed', slot, seal, certificate };
  }
  const senderKey = headOf(state).committee.keys[slot]!;
  return phaseMessage(state, 'committed', blockHash, { senderKey, payload: encodeSeal(seal) });
}

/**
 * The gossip payload of a vote in the current view.
 *
 * @source harmony/consensus/validator.go: constructP2pMessages; harmony/consensus/construct.go: construct
 */
export function votePayload(
  state: State,
  kind: 'prepare' | 'commit',
  blockHash: Hash,
  { signers, signature }: Ballot,
): Uint8Array {
  const { keys } = headOf(state).committee;
  const alone = signers.length === 1;
  const bitmap = alone ? NO_BYTES : bitmapFromIndices(signers, keys.length);
  if (state.config.profile.wire === 2)
    return gossipOf({
      ...strictFields(state),
      type: kind,
      blockHash: hashBytes(state, blockHash),
      justifiedBy: kind === 'prepare' ? state.justifiedBy : 0n,
      slot: alone ? signers[0]! : -1,
      bitmap,
      signature,
    });
  return encodeMessageGossip({
    type: kind,
    signature: NO_BYTES,
    viewId: state.viewId,
    height: state.height,
    shardId: state.config.shardId,
    blockHash: hashBytes(state, blockHash),
    block: NO_BYTES,
    senderKey: alone ? keys[signers[0]!]! : NO_BYTES,
    payload: signature,
    senderBitmap: bitmap,
  });
}
