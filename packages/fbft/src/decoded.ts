/**
 * Gossip payloads as messages, with room for what is computed from them.
 *
 * A message is decoded once, and what follows from it alone (its hash as text, what its sender
 * signed, whom its seals name) is kept beside it. Machines of one process can be given the same
 * decoded message, so that a simulation does this work once and not once for each member.
 */
import { bytesToHex, type Hash, isProtocolError } from '@polyphony/primitives';
import { decodeGossip } from './envelope.js';
import type { KeySlots } from './key-index.js';
import { decodeMessage, decodeMessageLenient, readMessageGossip } from './message-decoding.js';
import type { UnknownFields } from './message-encoding.js';
import type { Message } from './messages.js';
import { type BadSeal, type NamedSeal, nameSeal } from './named-seal.js';
import type { HeadInfo, VotingCommittee } from './ports.js';
import type { Profile } from './profile.js';
import type { Seal } from './seal.js';
import type { SignatureCheck } from './signature-check.js';
import type { StrictMessage } from './strict/messages.js';
import { decodeStrictMessage } from './strict/wire.js';

/** A vote as heard. */
export interface HeardVote {
  readonly kind: 'prepare' | 'commit';
  readonly height: bigint;
  readonly viewId: bigint;
  readonly blockHash: Hash;
  /** `strict`: as in the vote. */
  readonly justifiedBy: bigint | undefined;
  /** 96 bytes. */
  readonly signature: Uint8Array;
  /** The committee that asked last who is behind the vote. */
  committee: VotingCommittee | undefined;
  /** Who is, in that committee: ascending slots, or undefined if the fields do not name any properly. */
  signers: readonly number[] | undefined;
  /** What is watched of it with these signers, once it was asked for. */
  watched: WatchedVote | undefined;
  /** Finds who is behind the vote. @param slots - Those of the committee by key. */
  readonly findSigners: (
    committee: VotingCommittee,
    slots: KeySlots,
  ) => readonly number[] | undefined;
}

/** A vote as it was decoded. */
export function heardVote(
  vote: Pick<HeardVote, 'kind' | 'height' | 'viewId' | 'blockHash' | 'signature' | 'findSigners'>,
  justifiedBy?: bigint,
): HeardVote {
  const { kind, height, viewId, blockHash, signature, findSigners } = vote;
  return {
    kind,
    height,
    viewId,
    blockHash,
    justifiedBy,
    signature,
    committee: undefined,
    signers: undefined,
    watched: undefined,
    findSigners,
  };
}

/**
 * Who is behind a vote: ascending slots of the committee above a head, or undefined if its fields do not name
 * any properly. Machines that share what payloads decode to mostly share the committee as well.
 *
 * @param slots - Those of that committee by key.
 */
export function signersOf(
  vote: HeardVote,
  { committee }: HeadInfo,
  slots: KeySlots,
): readonly number[] | undefined {
  if (vote.committee !== committee) {
    vote.committee = committee;
    vote.signers = vote.findSigners(committee, slots);
    vote.watched = undefined;
  }
  return vote.signers;
}

/** A vote seen, verified or not, to notice one that contradicts it. */
export interface WatchedVote {
  readonly kind: 'prepare' | 'commit';
  /** View of the message. */
  readonly messageView: bigint;
  /** `strict`: as in the vote. */
  readonly justifiedBy?: bigint;
  readonly signers: readonly number[];
  readonly blockHash: Hash;
  readonly signature: Uint8Array;
}

/** What a message says to one committee. */
export interface CommitteeNotes {
  readonly committee: VotingCommittee;
  /** The slot of its sender; -1 if it is not known yet, undefined for a stranger. */
  slot: number | undefined;
  /** The seal that a leader's message carries. */
  seal: NamedSeal | BadSeal | undefined;
  /** `strict`: the certificate beside it. */
  certificate: NamedSeal | BadSeal | undefined;
  /** The checks of its signatures. */
  checks: readonly SignatureCheck[] | undefined;
}

/** A message, and what was computed from it. */
interface Decoded<M> {
  readonly problem: undefined;
  /** The gossip payload. */
  readonly payload: Uint8Array;
  readonly message: M;
  /** What the sender signed, once it was asked for. */
  digest: Uint8Array | undefined;
  /** The hash it is about, once it was asked for. */
  blockHash: Hash | undefined;
  /** The vote that the message is, once it was asked for. */
  vote: HeardVote | undefined;
  /** For the committee that asked last. */
  notes: CommitteeNotes | undefined;
}

/** A message of wire version 1. */
export interface DecodedMessage extends Decoded<Message> {
  /** Fields of a later schema, which the sender's signature covers. */
  readonly unknown: UnknownFields | undefined;
}

/** A message of wire version 2. */
export type DecodedStrict = Decoded<StrictMessage>;

/** A payload that is no message. */
export interface Undecoded {
  readonly problem: 'malformed' | 'not-consensus';
  readonly payload: Uint8Array;
}

/** What a gossip payload is to a machine. */
export type DecodedPayload = DecodedMessage | DecodedStrict | Undecoded;

/** How payloads are read. */
export interface DecodingOptions {
  readonly profile: Pick<Profile, 'wire'>;
  /** As in the machine's configuration. */
  readonly decoding: 'strict' | 'lenient';
}

/**
 * Decodes a gossip payload, to be handed to machines of the same profile and decoding with the input
 * `message`. Never throws on hostile bytes.
 *
 * @param payload - Must not change any more: the result holds views into it.
 */
export function decodePayload(payload: Uint8Array, options: DecodingOptions): DecodedPayload {
  try {
    return options.profile.wire === 2 ? decode2(payload) : decode1(payload, options.decoding);
  } catch (error) {
    if (isProtocolError(error)) return { problem: 'malformed', payload };
    throw error;
  }
}

function decode1(
  payload: Uint8Array,
  decoding: DecodingOptions['decoding'],
): DecodedMessage | Undecoded {
  const strict = decoding === 'strict';
  const quick = strict ? readMessageGossip(payload) : undefined;
  if (quick !== undefined) return withRoom(payload, quick, undefined);
  const content = decodeGossip(payload, { head: strict ? 'check' : 'skip' });
  if (content.category !== 'consensus') return { problem: 'not-consensus', payload };
  if (strict) return withRoom(payload, decodeMessage(content.message), undefined);
  const { message, unknown } = decodeMessageLenient(content.message);
  return withRoom(payload, message, unknown);
}

function decode2(payload: Uint8Array): DecodedStrict | Undecoded {
  const content = decodeGossip(payload);
  if (content.category !== 'consensus-2') return { problem: 'not-consensus', payload };
  return withRoom(payload, decodeStrictMessage(content.message), undefined);
}

function withRoom<M>(
  payload: Uint8Array,
  message: M,
  unknown: UnknownFields | undefined,
): Decoded<M> & Pick<DecodedMessage, 'unknown'> {
  return {
    problem: undefined,
    payload,
    message,
    unknown,
    digest: undefined,
    blockHash: undefined,
    vote: undefined,
    notes: undefined,
  };
}

/**
 * The hash a message is about, as text.
 *
 * @param bytes - As in the message.
 * @param likely - What it is in most cases: the same text is kept once.
 */
export function hashIn(decoded: Decoded<unknown>, bytes: Uint8Array, likely?: Hash): Hash {
  if (decoded.blockHash !== undefined) return decoded.blockHash;
  const known = likely !== undefined && isTextOf(likely, bytes);
  decoded.blockHash = known ? likely : bytesToHex(bytes);
  return decoded.blockHash;
}

function isTextOf(hash: Hash, bytes: Uint8Array): boolean {
  if (hash.length !== 2 + 2 * bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = (digitAt(hash, 2 + 2 * i) << 4) | digitAt(hash, 3 + 2 * i);
    if (byte !== bytes[i]) return false;
  }
  return true;
}

/** The value of a lower-case hexadecimal digit. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}

/** What a message says to a committee; kept for the committee that asked last. */
export function notesFor(decoded: Decoded<unknown>, committee: VotingCommittee): CommitteeNotes {
  if (decoded.notes?.committee === committee) return decoded.notes;
  decoded.notes = {
    committee,
    slot: -1,
    seal: undefined,
    certificate: undefined,
    checks: undefined,
  };
  return decoded.notes;
}

/** The seal a message carries, read against a committee once. */
export function sealIn(
  decoded: Decoded<unknown>,
  committee: VotingCommittee,
  seal: () => Seal | undefined,
): NamedSeal | BadSeal {
  const notes = notesFor(decoded, committee);
  if (notes.seal === undefined) {
    const read = seal();
    notes.seal = read === undefined ? 'bad-bitmap' : nameSeal(committee, read);
  }
  return notes.seal;
}
