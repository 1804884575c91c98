/** Payloads decoded once for all members of a simulation, who are handed the same bytes. */
import { type DecodedPayload, type DecodingOptions, decodePayload } from '../decoded.js';

/** Decodes payloads that nobody changes. */
export type Decoder = (payload: Uint8Array) => DecodedPayload;

/** A decoder that remembers payloads for as long as somebody holds them. */
export function createDecoder(options: DecodingOptions): Decoder {
  const known = new WeakMap<Uint8Array, DecodedPayload>();
  return (payload) => {
    let decoded = known.get(payload);
    if (decoded === undefined) {
      decoded = decodePayload(payload, options);
      known.set(payload, decoded);
    }
    return decoded;
  };
}
