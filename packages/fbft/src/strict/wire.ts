/**
 * Wire version 2 to the byte: fixed fields, big-endian, one encoding for each message.
 *
 * Nothing is optional and nothing may follow, so what decodes encodes to the same bytes. Lengths
 * are bounded before anything is read. The layout is a table in `docs/fbft-wire.md`.
 */
import { isZeroBytes, keccak256 } from '@polyphony/primitives';
import { FbftError } from '../errors.js';
import { MAX_COMMITTEE_KEYS } from '../limits.js';
import { MESSAGE_TYPES } from '../messages.js';
import {
  isStrictVote,
  type ReportGroup,
  type StrictCertificate,
  type StrictMessage,
  type StrictSeal,
} from './messages.js';

/** The version byte. */
const VERSION = 2;
const MAX_MESSAGE_BYTES = (1 << 21) - 6;
const MAX_BITMAP_BYTES = MAX_COMMITTEE_KEYS / 8;
const SIGNATURE_LENGTH = 96;
/** Offset of the sender's signature in the messages that have one. */
const SIGNATURE_AT = 32;
/** Version, type, shard, epoch, height, view. */
const HEAD_LENGTH = 30;
const EMPTY = new Uint8Array(0);

function fail(field: string, reason: string): never {
  throw new FbftError({ code: 'fbft/invalid-message', field, reason });
}

// --- Writing ------------------------------------------------------------------------------------

class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): void {
    this.bytes[this.#at++] = value;
  }

  u16(field: string, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff) fail(field, 'must fit 16 bits');
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  u32(field: string, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      fail(field, 'must fit 32 bits');
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  u64(field: string, value: bigint): void {
    if (value < 0n || value >> 64n !== 0n) fail(field, 'must fit 64 bits');
    this.#view.setBigUint64(this.#at, value);
    this.#at += 8;
  }

  fixed(field: string, value: Uint8Array, length: number): void {
    if (value.length !== length) fail(field, `must be ${length} bytes, got ${value.length}`);
    this.bytes.set(value, this.#at);
    this.#at += length;
  }

  seal(field: string, { bitmap, signature }: StrictSeal): void {
    this.u16(`${field} bitmap`, bitmap.length);
    this.fixed(field, bitmap, bitmap.length);
    this.fixed(`${field} signature`, signature, SIGNATURE_LENGTH);
  }

  certificate({ viewId, blockHash, justifiedBy, seal }: StrictCertificate): void {
    this.u64('certificate view', viewId);
    this.u64('justified by', justifiedBy);
    this.fixed('certified hash', blockHash, 32);
    this.seal('certificate', seal);
  }

  rest(value: Uint8Array): void {
    this.bytes.set(value, this.#at);
  }
}

const sealLength = ({ bitmap }: StrictSeal): number => 2 + bitmap.length + SIGNATURE_LENGTH;
const certificateLength = ({ seal }: StrictCertificate): number => 48 + sealLength(seal);
const optionalLength = (certificate: StrictCertificate | undefined): number =>
  1 + (certificate ? certificateLength(certificate) : 0);

function bodyLength(message: StrictMessage): number {
  switch (message.type) {
    case 'announce':
      return 98 + 32 + message.block.length;
    case 'prepare':
    case 'commit':
      return 32 + 8 + (message.slot < 0 ? 3 + message.bitmap.length : 3) + SIGNATURE_LENGTH;
    case 'prepared':
      return 98 + certificateLength(message.certificate) + message.block.length;
    case 'committed':
      return 98 + sealLength(message.seal) + certificateLength(message.certificate);
    case 'view-change':
      return 98 + optionalLength(message.certificate) + message.block.length;
    case 'new-view': {
      const groups = message.groups.reduce((sum, { seal }) => sum + 40 + sealLength(seal), 2);
      return 98 + groups + optionalLength(message.certificate) + message.block.length;
    }
  }
}

/**
 * The bytes of a message. An unsigned message (empty `signature`) has zeros in its place.
 *
 * @throws {@link FbftError} `fbft/invalid-message` for a length or number out of range, and for
 *   what {@link decodeStrictMessage} would refuse.
 */
export function encodeStrictMessage(message: StrictMessage): Uint8Array {
  const problem = problemOf(message);
  if (problem !== undefined) fail(...problem);
  const length = HEAD_LENGTH + bodyLength(message);
  if (length > MAX_MESSAGE_BYTES) fail('message', 'longer than 2 MiB');
  const out = new Writer(length);
  out.u8(VERSION);
  out.u8(MESSAGE_TYPES[message.type]);
  out.u32('shard', message.shardId);
  out.u64('epoch', message.epoch);
  out.u64('height', message.height);
  out.u64('view id', message.viewId);
  if (isStrictVote(message)) {
    out.fixed('block hash', message.blockHash, 32);
    out.u64('justified by', message.justifiedBy);
    if (message.slot >= 0) {
      out.u8(0);
      out.u16('slot', message.slot);
    } else {
      out.u8(1);
      out.u16('bitmap', message.bitmap.length);
      out.fixed('bitmap', message.bitmap, message.bitmap.length);
    }
    out.fixed('signature', message.signature, SIGNATURE_LENGTH);
    return out.bytes;
  }
  out.u16('slot', message.slot);
  const { signature } = message;
  out.fixed(
    'signature',
    signature.length === 0 ? new Uint8Array(SIGNATURE_LENGTH) : signature,
    SIGNATURE_LENGTH,
  );
  switch (message.type) {
    case 'announce':
      out.fixed('block hash', message.blockHash, 32);
      out.rest(message.block);
      break;
    case 'prepared':
      out.certificate(message.certificate);
      out.rest(message.block);
      break;
    case 'committed':
      out.seal('seal', message.seal);
      out.certificate(message.certificate);
      break;
    default:
      if (message.type === 'new-view') {
        out.u16('groups', message.groups.length);
        for (const { certificateView, blockHash, seal } of message.groups) {
          out.u64('group view', certificateView);
          out.fixed('group hash', blockHash, 32);
          out.seal('group', seal);
        }
      }
      out.u8(message.certificate ? 1 : 0);
      if (message.certificate) out.certificate(message.certificate);
      out.rest(message.block);
  }
  return out.bytes;
}

/**
 * What a sender's signature covers, to be put in a statement of kind `sender`: keccak-256 of the
 * message with zeros in place of the signature.
 */
export function hashUnsigned(message: StrictMessage): Uint8Array {
  const bytes = encodeStrictMessage(message);
  if (!isStrictVote(message)) bytes.fill(0, SIGNATURE_AT, SIGNATURE_AT + SIGNATURE_LENGTH);
  return keccak256(bytes);
}

// --- Reading ------------------------------------------------------------------------------------

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #take(field: string, length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) fail(field, 'runs past the end');
    this.#at = at + length;
    return at;
  }

  u8(field: string): number {
    return this.#bytes[this.#take(field, 1)]!;
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#take(field, 2));
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(field, 4));
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(field, 8));
  }

  fixed(field: string, length: number): Uint8Array {
    const at = this.#take(field, length);
    return this.#bytes.subarray(at, at + length);
  }

  bitmap(field: string): Uint8Array {
    const length = this.u16(field);
    if (length === 0 || length > MAX_BITMAP_BYTES)
      fail(field, `must have 1 to ${MAX_BITMAP_BYTES} bytes, has ${length}`);
    return this.fixed(field, length);
  }

  seal(field: string): StrictSeal {
    const bitmap = this.bitmap(`${field} bitmap`);
    return { bitmap, signature: this.fixed(`${field} signature`, SIGNATURE_LENGTH) };
  }

  certificate(): StrictCertificate {
    const viewId = this.u64('certificate view');
    const justifiedBy = this.u64('justified by');
    const blockHash = this.fixed('certified hash', 32);
    return { viewId, justifiedBy, blockHash, seal: this.seal('certificate') };
  }

  optionalCertificate(): StrictCertificate | undefined {
    const flag = this.u8('certificate flag');
    if (flag > 1) fail('certificate flag', `must be 0 or 1, is ${flag}`);
    return flag === 1 ? this.certificate() : undefined;
  }

  rest(): Uint8Array {
    return this.#bytes.subarray(this.#take('block', this.#bytes.length - this.#at));
  }

  assertDone(): void {
    if (this.#at !== this.#bytes.length) fail('message', 'has bytes after its end');
  }
}

/**
 * Reads a message; byte fields are views into `bytes`.
 *
 * @throws {@link FbftError} `fbft/invalid-message` for anything that {@link encodeStrictMessage}
 *   would not have written.
 */
export function decodeStrictMessage(bytes: Uint8Array): StrictMessage {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('message must be a Uint8Array');
  if (bytes.length > MAX_MESSAGE_BYTES) fail('message', 'longer than 2 MiB');
  const read = new Reader(bytes);
  const version = read.u8('version');
  if (version !== VERSION) fail('version', `must be ${VERSION}, is ${version}`);
  const number = read.u8('type');
  const shardId = read.u32('shard');
  const epoch = read.u64('epoch');
  const height = read.u64('height');
  const viewId = read.u64('view id');
  const message = readBody(read, number, { wire: 2, shardId, epoch, height, viewId });
  read.assertDone();
  const problem = problemOf(message);
  if (problem !== undefined) fail(...problem);
  return message;
}

function readBody(
  read: Reader,
  number: number,
  common: Pick<StrictMessage, 'wire' | 'shardId' | 'epoch' | 'height' | 'viewId'>,
): StrictMessage {
  if (number === MESSAGE_TYPES.prepare || number === MESSAGE_TYPES.commit) {
    const type = number === MESSAGE_TYPES.prepare ? 'prepare' : 'commit';
    const blockHash = read.fixed('block hash', 32);
    const justifiedBy = read.u64('justified by');
    const form = read.u8('voters');
    if (form > 1) fail('voters', `must be 0 or 1, is ${form}`);
    const slot = form === 0 ? read.u16('slot') : -1;
    const bitmap = form === 0 ? EMPTY : read.bitmap('bitmap');
    const signature = read.fixed('signature', SIGNATURE_LENGTH);
    return { ...common, type, blockHash, justifiedBy, slot, bitmap, signature };
  }
  const slot = read.u16('slot');
  const signature = read.fixed('signature', SIGNATURE_LENGTH);
  const signed = { ...common, slot, signature };
  switch (number) {
    case MESSAGE_TYPES.announce: {
      const blockHash = read.fixed('block hash', 32);
      return { ...signed, type: 'announce', blockHash, block: read.rest() };
    }
    case MESSAGE_TYPES.prepared: {
      const certificate = read.certificate();
      return { ...signed, type: 'prepared', certificate, block: read.rest() };
    }
    case MESSAGE_TYPES.committed: {
      const seal = read.seal('seal');
      return { ...signed, type: 'committed', seal, certificate: read.certificate() };
    }
    case MESSAGE_TYPES['view-change']: {
      const certificate = read.optionalCertificate();
      return { ...signed, type: 'view-change', certificate, block: read.rest() };
    }
    case MESSAGE_TYPES['new-view']: {
      const groups = readGroups(read);
      const certificate = read.optionalCertificate();
      return { ...signed, type: 'new-view', groups, certificate, block: read.rest() };
    }
    default:
      return fail('type', `is ${number}`);
  }
}

function readGroups(read: Reader): ReportGroup[] {
  const count = read.u16('groups');
  const groups: ReportGroup[] = [];
  for (let i = 0; i < count; i++) {
    const certificateView = read.u64('group view');
    const blockHash = read.fixed('group hash', 32);
    groups.push({ certificateView, blockHash, seal: read.seal('group') });
  }
  return groups;
}

// --- What holds in every message ----------------------------------------------------------------

function problemOf(message: StrictMessage): [field: string, reason: string] | undefined {
  if (message.viewId === 0n) return ['view id', 'must not be 0'];
  switch (message.type) {
    case 'announce':
      return message.block.length === 0 ? ['block', 'is missing'] : undefined;
    case 'prepare':
    case 'commit':
      return problemOfVote(message);
    case 'prepared':
      if (message.block.length === 0) return ['block', 'is missing'];
      return problemOfCertificate(message.certificate, message.viewId, true);
    case 'committed':
      return problemOfCertificate(message.certificate, message.viewId, true);
    case 'view-change':
      if (message.certificate === undefined)
        return message.block.length > 0 ? ['block', 'has no certificate'] : undefined;
      return problemOfCertificate(message.certificate, message.viewId, false);
    case 'new-view':
      return problemOfNewView(message);
  }
}

function problemOfVote(
  message: StrictMessage & { type: 'prepare' | 'commit' },
): [string, string] | undefined {
  if (message.type === 'commit' && message.justifiedBy !== 0n)
    return ['justified by', 'must be 0 in a commit vote'];
  if (message.justifiedBy >= message.viewId) return ['justified by', 'must be an earlier view'];
  if (message.slot >= 0) return message.bitmap.length > 0 ? ['bitmap', 'beside a slot'] : undefined;
  let voters = 0;
  for (let byte of message.bitmap) for (; byte > 0; byte &= byte - 1) voters++;
  return voters < 2 ? ['bitmap', 'must name several voters'] : undefined;
}

function problemOfCertificate(
  certificate: StrictCertificate,
  viewId: bigint,
  same: boolean,
): [string, string] | undefined {
  if (same ? certificate.viewId !== viewId : certificate.viewId >= viewId)
    return ['certificate view', same ? 'must be that of the message' : 'must be an earlier view'];
  if (certificate.viewId === 0n) return ['certificate view', 'must not be 0'];
  if (certificate.justifiedBy >= certificate.viewId)
    return ['justified by', 'must be an earlier view'];
  return undefined;
}

function problemOfNewView(
  message: StrictMessage & { type: 'new-view' },
): [string, string] | undefined {
  const { groups, certificate, block, viewId } = message;
  if (groups.length === 0 || groups.length > MAX_COMMITTEE_KEYS)
    return ['groups', `must be 1 to ${MAX_COMMITTEE_KEYS}, are ${groups.length}`];
  for (const [i, group] of groups.entries()) {
    if (group.certificateView >= viewId) return ['group view', 'must be an earlier view'];
    if (group.certificateView === 0n && !isZeroBytes(group.blockHash))
      return ['group hash', 'must be zero without a certificate'];
    const before = groups[i - 1];
    if (before !== undefined && compareGroups(before, group) >= 0)
      return ['groups', 'must be in order and distinct'];
  }
  const best = groups[0]!;
  if (certificate === undefined) {
    if (best.certificateView > 0n) return ['certificate', 'is missing'];
    return block.length > 0 ? ['block', 'has no certificate'] : undefined;
  }
  if (block.length === 0) return ['block', 'is missing'];
  if (
    certificate.viewId !== best.certificateView ||
    certificate.blockHash.some((byte, i) => byte !== best.blockHash[i])
  )
    return ['certificate', 'must be that of the first group'];
  return problemOfCertificate(certificate, viewId, false);
}

/** Order of groups: falling view, then rising hash. */
export function compareGroups(
  a: Pick<ReportGroup, 'certificateView' | 'blockHash'>,
  b: Pick<ReportGroup, 'certificateView' | 'blockHash'>,
): number {
  if (a.certificateView !== b.certificateView)
    return a.certificateView > b.certificateView ? -1 : 1;
  for (let i = 0; i < 32; i++) {
    const difference = a.blockHash[i]! - b.blockHash[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
