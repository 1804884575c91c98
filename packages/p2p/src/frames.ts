/**
 * Frames of stream protocols: the length of a message in 4 bytes little-endian, then the message.
 *
 * A stream comes in pieces that know nothing of frames. {@link frameReader} puts them together and holds no
 * more than twice what has come (or 4 KiB), and never more than a frame says; a length above the bound is refused when
 * its fourth byte is there.
 *
 * @source harmony/p2p/stream/types/stream.go: WriteBytes, ReadBytes
 */
import { P2pError } from './errors.js';

/** Largest message in a frame, 20 MiB. @source harmony/p2p/stream/types/stream.go: maxMsgBytes */
export const MAX_FRAME_BYTES: number = 20 * 1024 * 1024;

const HEAD = 4;
/** Bytes reserved for a message before more of it has come. */
const FIRST_RESERVE = 4096;
const EMPTY = new Uint8Array(0);

/** How frames are read and written. */
export interface FrameOptions {
  /** Largest message in bytes, below 2^32. Default {@link MAX_FRAME_BYTES}. */
  readonly maxBytes?: number;
}

/** Puts messages together from the pieces of a stream. */
export interface FrameReader {
  /**
   * Takes the next piece, which may be changed after the call.
   *
   * @returns The messages it completes, in order; their bytes belong to the caller. Messages before a bad
   * length are returned first, and the next call throws, so how a stream is cut changes nothing; an
   * empty piece asks for the verdict at once.
   * @throws {@link P2pError} `p2p/message-too-large`, now and at every later call.
   */
  push(piece: Uint8Array): Uint8Array[];
  /**
   * Says that the stream has ended.
   *
   * @throws {@link P2pError} `p2p/invalid-frame` within a frame; what `push` would throw.
   */
  end(): void;
  /** Bytes that are held for a message that is not complete. */
  readonly held: number;
}

function readLimit({ maxBytes = MAX_FRAME_BYTES }: FrameOptions): number {
  if (!Number.isInteger(maxBytes) || maxBytes < 0 || maxBytes > 0xffffffff) {
    throw new P2pError({
      code: 'p2p/invalid-argument',
      what: 'maxBytes',
      reason: `must be an unsigned 32-bit integer, got ${maxBytes}`,
    });
  }
  return maxBytes;
}

function assertBytes(value: Uint8Array, what: string): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
}

/**
 * A message with its length in front.
 *
 * @throws {@link P2pError} `p2p/message-too-large`.
 * @source harmony/p2p/stream/types/stream.go: WriteBytes
 */
export function encodeFrame(message: Uint8Array, options: FrameOptions = {}): Uint8Array {
  assertBytes(message, 'message');
  const limit = readLimit(options);
  if (message.length > limit) {
    throw new P2pError({ code: 'p2p/message-too-large', limit, actual: message.length });
  }
  const frame = new Uint8Array(HEAD + message.length);
  new DataView(frame.buffer).setUint32(0, message.length, true);
  frame.set(message, HEAD);
  return frame;
}

/**
 * The message of exactly one frame, in bytes of its own.
 *
 * @throws {@link P2pError} `p2p/message-too-large`; `p2p/invalid-frame` for bytes that are missing or follow.
 */
export function decodeFrame(frame: Uint8Array, options: FrameOptions = {}): Uint8Array {
  assertBytes(frame, 'frame');
  const limit = readLimit(options);
  if (frame.length < HEAD) {
    throw invalid(`expected ${HEAD} bytes of length, got ${frame.length}`);
  }
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  if (length > limit) throw new P2pError({ code: 'p2p/message-too-large', limit, actual: length });
  if (length !== frame.length - HEAD) {
    throw invalid(`says ${length} bytes, has ${frame.length - HEAD}`);
  }
  return frame.slice(HEAD);
}

function invalid(reason: string): P2pError {
  return new P2pError({ code: 'p2p/invalid-frame', reason });
}

/**
 * A reader for one stream.
 *
 * @throws {@link P2pError} `p2p/invalid-argument` for a bound that is not one.
 * @example
 * const reader = frameReader();
 * reader.push(Uint8Array.of(2, 0, 0));  // []
 * reader.push(Uint8Array.of(0, 7, 8));  // [Uint8Array [ 7, 8 ]]
 */
export function frameReader(options: FrameOptions = {}): FrameReader {
  const limit = readLimit(options);
  const head = new Uint8Array(HEAD);
  let headFilled = 0;
  /** Length of the message whose head is complete. */
  let length: number | undefined;
  let body = EMPTY;
  let bodyFilled = 0;
  let failure: P2pError | undefined;

  /** Room for `needed` bytes: twice what there was, and no more than the message. */
  function reserve(needed: number, whole: number): void {
    if (needed <= body.length) return;
    const grown = new Uint8Array(Math.min(whole, Math.max(needed, 2 * body.length, FIRST_RESERVE)));
    grown.set(body.subarray(0, bodyFilled));
    body = grown;
  }

  /** Takes from `piece` at `offset` up to the end of a message; answers where it stopped. */
  function take(piece: Uint8Array, offset: number, messages: Uint8Array[]): number {
    let at = offset;
    if (length === undefined) {
      const part = piece.subarray(at, at + HEAD - headFilled);
      head.set(part, headFilled);
      headFilled += part.length;
      at += part.length;
      if (headFilled < HEAD) return at;
      const announced = new DataView(head.buffer).getUint32(0, true);
      if (announced > limit) {
        failure = new P2pError({ code: 'p2p/message-too-large', limit, actual: announced });
        return piece.length;
      }
      length = announced;
    }
    const part = piece.subarray(at, at + length - bodyFilled);
    reserve(bodyFilled + part.length, length);
    body.set(part, bodyFilled);
    bodyFilled += part.length;
    if (bodyFilled === length) {
      // The bytes are handed over, so an empty message needs its own.
      messages.push(length === 0 ? new Uint8Array(0) : body);
      headFilled = 0;
      length = undefined;
      body = EMPTY;
      bodyFilled = 0;
    }
    return at + part.length;
  }

  return {
    push: (piece) => {
      assertBytes(piece, 'piece');
      if (failure !== undefined) throw failure;
      const messages: Uint8Array[] = [];
      for (let at = 0; at < piece.length; ) at = take(piece, at, messages);
      if (failure !== undefined && messages.length === 0) throw failure;
      return messages;
    },
    end: () => {
      if (failure !== undefined) throw failure;
      if (length !== undefined) throw invalid(`ended after ${bodyFilled} of ${length} bytes`);
      if (headFilled > 0) throw invalid(`ended after ${headFilled} bytes of a length`);
    },
    get held() {
      return body.length;
    },
  };
}

/**
 * The messages of a stream, to the end of it.
 *
 * @throws {@link P2pError} what {@link FrameReader} throws, after the messages before it; what `stream` throws.
 * @example
 * for await (const message of readFrames(stream)) handle(message);
 */
export async function* readFrames(
  stream: AsyncIterable<Uint8Array>,
  options: FrameOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = frameReader(options);
  for await (const piece of stream) {
    yield* reader.push(piece);
    // A bad length behind good messages is told now, not with the next piece.
    reader.push(EMPTY);
  }
  reader.end();
}
