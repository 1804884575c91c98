/**
 * Messages on a byte stream: `length (4 bytes, big-endian) | kind (1 byte) | payload`.
 *
 * A reader holds at most one unfinished frame, and a length out of bounds ends the stream before
 * anything is kept for it.
 */

/** What a frame carries. */
export const FRAME = { hello: 1, consensus: 2, entry: 3, fetch: 4, blocks: 5 } as const;

/** One of {@link FRAME}. */
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

/** The largest payload: the largest message of consensus, with room to spare. */
export const MAX_PAYLOAD_BYTES = 2 * 1024 * 1024;

const HEADER_LENGTH = 5;
const KINDS: ReadonlySet<number> = new Set(Object.values(FRAME));

/** A frame that came. */
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

/** The bytes of a frame. */
export function encodeFrame({ kind, payload }: Frame): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES)
    throw new RangeError(`a payload has at most ${MAX_PAYLOAD_BYTES} bytes, got ${payload.length}`);
  const bytes = new Uint8Array(HEADER_LENGTH + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length);
  bytes[4] = kind;
  bytes.set(payload, HEADER_LENGTH);
  return bytes;
}

/**
 * Cuts a stream into frames.
 *
 * @returns Takes the next chunk and gives the frames that it finished; throws a `RangeError` for a
 *   length or a kind that no honest member sends, after which the stream is of no use.
 */
export function createFrameReader(): (chunk: Uint8Array) => Frame[] {
  const header = new Uint8Array(HEADER_LENGTH);
  let payload: Uint8Array | undefined;
  let filled = 0;
  return (chunk) => {
    const frames: Frame[] = [];
    for (let at = 0; at < chunk.length || filled === payload?.length; ) {
      const target = payload ?? header;
      const part = chunk.subarray(at, at + target.length - filled);
      target.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < target.length) break;
      filled = 0;
      if (payload === undefined) {
        payload = startPayload(header);
      } else {
        frames.push({ kind: header[4] as FrameKind, payload });
        payload = undefined;
      }
    }
    return frames;
  };
}

function startPayload(header: Uint8Array): Uint8Array {
  const length = new DataView(header.buffer).getUint32(0);
  if (length > MAX_PAYLOAD_BYTES)
    throw new RangeError(`a frame of ${length} bytes, more than ${MAX_PAYLOAD_BYTES}`);
  if (!KINDS.has(header[4]!)) throw new RangeError(`no frame has the kind ${header[4]}`);
  return new Uint8Array(length);
}
