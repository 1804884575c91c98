import { concatBytes } from '@polyphony/primitives';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { P2pError } from '../src/errors.js';
import {
  decodeFrame,
  encodeFrame,
  frameReader,
  MAX_FRAME_BYTES,
  readFrames,
} from '../src/frames.js';

const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
const join = (list: readonly Uint8Array[]): Uint8Array =>
  concatBytes(...list.map((message) => encodeFrame(message)));

/** What a reader makes of pieces: messages, then the code of what it threw, if it did. */
function outcome(pieces: readonly Uint8Array[], maxBytes?: number): unknown[] {
  const reader = frameReader(maxBytes === undefined ? {} : { maxBytes });
  const seen: unknown[] = [];
  try {
    for (const piece of pieces) {
      seen.push(...reader.push(piece).map((message) => [...message]));
      reader.push(new Uint8Array(0));
    }
    reader.end();
  } catch (error) {
    expect(error).toBeInstanceOf(P2pError);
    seen.push((error as P2pError).code);
  }
  return seen;
}

/** `bytes` cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  sorted.sort((a, b) => a - b);
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i]!, end));
}

describe('frames', () => {
  test('a stream cut in two at every place, and into single bytes, gives the same messages', () => {
    fc.assert(
      fc.property(messages, (list) => {
        const stream = join(list);
        const expected = list.map((message) => [...message]);
        for (let at = 0; at <= stream.length; at++) {
          expect(outcome([stream.slice(0, at), stream.slice(at)])).toEqual(expected);
        }
        expect(outcome([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
      }),
      propertyRuns(40),
    );
  });

  test('how any bytes are cut changes nothing, a bad length included', () => {
    fc.assert(
      fc.property(
        messages,
        fc.uint8Array({ maxLength: 12 }),
        fc.array(fc.nat(500), { maxLength: 12 }),
        fc.constantFrom(undefined, 0, 20),
        (list, tail, places, maxBytes) => {
          const stream = concatBytes(join(list), tail);
          expect(outcome(cut(stream, places), maxBytes)).toEqual(outcome([stream], maxBytes));
        },
      ),
      propertyRuns(300),
    );
  });

  test('one frame and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const frame = encodeFrame(message);
        expect(decodeFrame(frame)).toEqual(message);
        expect(frameReader().push(frame)).toEqual([message]);
      }),
      propertyRuns(100),
    );
  });

  test('a length alone reserves nothing; bytes reserve twice themselves at most', () => {
    const reader = frameReader();
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, MAX_FRAME_BYTES, true);
    reader.push(head);
    expect(reader.held).toBe(0);
    const piece = new Uint8Array(1000);
    for (let received = 1000; received <= 300_000; received += 1000) {
      expect(reader.push(piece)).toEqual([]);
      expect(reader.held).toBeLessThanOrEqual(Math.max(4096, 2 * received));
      expect(reader.held).toBeGreaterThanOrEqual(received);
    }
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'p2p/invalid-frame' }));
    const small = frameReader();
    small.push(Uint8Array.of(9, 0, 0, 0, 1));
    expect(small.held).toBe(9);
  });

  test('the largest message in pieces of 64 KiB', () => {
    const message = new Uint8Array(MAX_FRAME_BYTES).fill(7);
    const frame = encodeFrame(message);
    const reader = frameReader();
    const got: Uint8Array[] = [];
    for (let at = 0; at < frame.length; at += 65_536) {
      got.push(...reader.push(frame.subarray(at, at + 65_536)));
    }
    reader.end();
    expect(got).toHaveLength(1);
    expect(Buffer.compare(got[0]!, message)).toBe(0);
    expect(reader.held).toBe(0);
    expect(() => encodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'p2p/message-too-large' }),
    );
  });

  test('messages before a bad length come first; then every call throws', () => {
    const reader = frameReader({ maxBytes: 3 });
    const stream = Uint8Array.of(1, 0, 0, 0, 9, 4, 0, 0, 0);
    expect(reader.push(stream)).toEqual([Uint8Array.of(9)]);
    const tooLarge = { code: 'p2p/message-too-large', details: { limit: 3, actual: 4 } };
    for (const call of [() => reader.push(Uint8Array.of(1, 0, 0, 0, 9)), () => reader.end()]) {
      expect(call).toThrow(P2pError);
      expect(call).toThrow(expect.objectContaining({ code: tooLarge.code }));
    }
  });

  test('the pieces may be changed, and the messages too', () => {
    const reader = frameReader();
    const piece = Uint8Array.of(2, 0, 0, 0, 5, 6, 0, 0, 0, 0, 1, 0, 0, 0);
    const [first, empty] = reader.push(piece);
    piece.fill(255);
    expect(first).toEqual(Uint8Array.of(5, 6));
    expect(empty).toEqual(new Uint8Array(0));
    first!.fill(1);
    expect(reader.push(Uint8Array.of(8))).toEqual([Uint8Array.of(8)]);
  });

  test('bounds and types', () => {
    for (const maxBytes of [-1, 1.5, Number.NaN, 2 ** 32]) {
      expect(() => frameReader({ maxBytes })).toThrow(
        expect.objectContaining({ code: 'p2p/invalid-argument' }),
      );
    }
    expect(() => frameReader().push('x' as never)).toThrow(TypeError);
    expect(() => encodeFrame([1] as never)).toThrow(TypeError);
    expect(() => decodeFrame('x' as never)).toThrow(TypeError);
  });
});

describe('readFrames', () => {
  async function* pieces(...list: Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* list;
  }

  test('yields the messages of a stream to its end', async () => {
    const stream = join([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]);
    const got: number[][] = [];
    for await (const message of readFrames(pieces(stream.slice(0, 7), stream.slice(7)))) {
      got.push([...message]);
    }
    expect(got).toEqual([[1], [], [2, 3]]);
  });

  test('yields what is before a bad length, and throws without waiting for more', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(1, 0, 0, 0, 9, 255, 255, 255, 255);
      for (;;) {
        asked++;
        yield Uint8Array.of(0);
      }
    }
    const got: number[][] = [];
    await expect(
      (async () => {
        for await (const message of readFrames(endless())) got.push([...message]);
      })(),
    ).rejects.toMatchObject({ code: 'p2p/message-too-large' });
    expect(got).toEqual([[9]]);
    expect(asked).toBe(0);
  });

  test('a stream that ends within a frame is refused', async () => {
    const stream = readFrames(pieces(Uint8Array.of(2, 0, 0, 0, 1)));
    await expect(stream.next()).rejects.toMatchObject({ code: 'p2p/invalid-frame' });
  });
});
