/**
 * What the votes and messages of a height sign, by the wire version of the profile.
 *
 * Version 1 signs what the Go node signs: the hash, the commit payload, a digest of the message.
 * Version 2 signs statements that bind chain, shard, epoch, height, view and kind.
 */
import type { Hash } from '@polyphony/primitives';
import { MESSAGE_TYPES } from './messages.js';
import type { HeadInfo } from './ports.js';
import { commitPayload } from './seal.js';
import type { StrictMessage } from './strict/messages.js';
import { type Statement, type StrictDomain, strictPayload } from './strict/statements.js';
import { hashUnsigned } from './strict/wire.js';
import { commitsView, hashBytes, headOf } from './turn.js';
import type { OutMessage, State } from './types.js';
import { computeSenderDigest } from './wire.js';

/** A block at a height, as far as votes for it are concerned. */
interface VotedBlock {
  readonly blockHash: Hash;
  /** View id in its header. */
  readonly viewId: bigint;
}

/** Where the statements above a head belong. */
function domainOf(state: State, head: HeadInfo): StrictDomain {
  const { chainId = 0n, shardId } = state.config;
  return { chainId, shardId, epoch: head.epoch };
}

/** A statement of the current height. */
export function statementBytes(state: State, statement: Omit<Statement, 'height'>): Uint8Array {
  return strictPayload(domainOf(state, headOf(state)), { ...statement, height: state.height });
}

/**
 * What prepare votes of the current height sign.
 *
 * @param viewId - The view of the votes.
 * @param justifiedBy - View of the certificate that justifies them, or 0.
 */
export function prepareBytes(
  state: State,
  blockHash: Hash | Uint8Array,
  viewId: bigint,
  justifiedBy: bigint,
): Uint8Array {
  const hash = typeof blockHash === 'string' ? hashBytes(state, blockHash) : blockHash;
  if (state.config.profile.wire === 1) return hash;
  return statementBytes(state, { kind: 'prepare', viewId, hash, certificateView: justifiedBy });
}

/**
 * What commit votes for a block on top of a head sign; the bytes of the own votes, if they sign that.
 *
 * @param votedIn - The view of the votes; wire version 1 signs the view in the header instead.
 */
export function commitBytes(
  state: State,
  head: HeadInfo,
  { blockHash, viewId }: VotedBlock,
  votedIn: bigint,
): Uint8Array {
  const own = state.commitMessage;
  if (own?.head === head && own.blockHash === blockHash)
    if (own.viewId === viewId && own.votedIn === votedIn) return own.bytes;
  const height = head.height + 1n;
  const hash = hashBytes(state, blockHash);
  if (state.config.profile.wire === 1)
    return commitPayload(height, hash, viewId, commitsView(head));
  const statement = { height, viewId: votedIn, hash, certificateView: 0n };
  return strictPayload(domainOf(state, head), { ...statement, kind: 'commit' });
}

/** What the sender of a message signs. */
export function senderBytes(state: State, message: OutMessage): Uint8Array {
  if (!('wire' in message)) return computeSenderDigest(message);
  return strictSenderBytes(state, message);
}

/** What the sender of a message of wire version 2 signs. */
export function strictSenderBytes(state: State, message: StrictMessage): Uint8Array {
  const { chainId = 0n, shardId } = state.config;
  const { epoch } = message;
  return strictPayload(
    { chainId, shardId, epoch },
    {
      kind: 'sender',
      messageType: MESSAGE_TYPES[message.type],
      height: message.height,
      viewId: message.viewId,
      hash: hashUnsigned(message),
      certificateView: 0n,
    },
  );
}
