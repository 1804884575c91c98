/**
 * The envelope that carries the version of headers, bodies and blocks.
 *
 * The first version is bare RLP; later ones are the list `["HmnyTgd", tag, value]`. This file
 * recognises and writes the envelope; which tags exist is the caller's business.
 *
 * @source taggedrlp/taggedrlp.go: Registry.Encode, Registry.Decode
 */
import { encodeRlp, equalBytes, RlpReader, utf8ToBytes } from '@polyphony/primitives';
import { decoding } from './errors.js';
import { bytesToText, textToBytes } from './text.js';

const SIGNATURE = utf8ToBytes('HmnyTgd');

/** A value and the version text in front of it; the empty tag means bare RLP. */
export interface TaggedRlp {
  readonly tag: string;
  /** RLP of the value, a view into the input when decoded. */
  readonly value: Uint8Array;
}

/** Writes the envelope, or nothing around the value when the tag is empty. */
export function encodeTaggedRlp(tagged: TaggedRlp): Uint8Array {
  if (tagged.tag === '') return tagged.value;
  return encodeRlp([SIGNATURE, textToBytes(tagged.tag, 'tag'), { rlp: tagged.value }]);
}

/** Tag and value if the item is an envelope with a tag that is not empty. */
function openEnvelope(item: Uint8Array): TaggedRlp | undefined {
  const outer = new RlpReader(item);
  if (!outer.nextIsList) return undefined;
  const list = outer.readList();
  if (list.done || list.nextIsList) return undefined;
  if (!equalBytes(list.readBytes(), SIGNATURE)) return undefined;
  if (list.done || list.nextIsList) return undefined;
  const tag = list.readBytes();
  if (tag.length === 0 || list.done) return undefined;
  const value = list.readRaw();
  return list.done ? { tag: bytesToText(tag), value } : undefined;
}

/**
 * Takes the envelope off one complete item. What is not an envelope (another first text, an empty
 * tag, not three items) is returned whole under the empty tag.
 *
 * @throws {@link ChainError} `chain/invalid-encoding` when the input is not one RLP item.
 */
export function decodeTaggedRlp(bytes: Uint8Array, what = 'tagged RLP'): TaggedRlp {
  return decoding(what, () => {
    const whole = new RlpReader(bytes);
    whole.readRaw();
    whole.assertDone(what);
    return openEnvelope(bytes) ?? { tag: '', value: bytes };
  });
}
