/** The hostile-input run that the normal and the slow test share. */
import { bytesToHex, equalBytes, isProtocolError, keccak256 } from '@polyphony/primitives';
import { hostileBytes, mutateBytes, seededRandom } from '@polyphony/testkit';
import {
  ChainError,
  decodeStakingCall,
  decodeTransferCall,
  verifyListProof,
} from '../src/index.js';
import { bytesToText, textToBytes } from '../src/text.js';
import { allCodecs, type Codec } from './codecs.js';

function check(codec: Codec, bytes: Uint8Array, what: string): 'accepted' | 'refused' {
  let again: Uint8Array;
  try {
    again = codec.roundTrip(bytes);
  } catch (error) {
    if (error instanceof ChainError) return 'refused';
    throw new Error(`${codec.name}: ${what}: ${bytesToHex(bytes).slice(0, 400)}`, { cause: error });
  }
  if (equalBytes(again, bytes)) return 'accepted';
  throw new Error(`${codec.name}: ${what} does not re-encode: ${bytesToHex(bytes).slice(0, 400)}`);
}

/** How many inputs were refused and how many accepted. */
export interface FuzzCount {
  accepted: number;
  refused: number;
}

/** Runs every decoder over hostile bytes and over `rounds` mutations of each of its samples. */
export function fuzzDecoders(rounds: number, seed: number): Map<string, FuzzCount> {
  const random = seededRandom(seed);
  const counts = new Map<string, FuzzCount>();
  for (const codec of allCodecs()) {
    const count: FuzzCount = { accepted: 0, refused: 0 };
    counts.set(codec.name, count);
    for (const [what, bytes] of hostileBytes) count[check(codec, bytes, what)]++;
    for (const sample of codec.samples) {
      if (check(codec, sample, 'a valid sample') !== 'accepted') {
        throw new Error(`${codec.name} refuses a valid sample`);
      }
      for (let i = 0; i < rounds; i++) {
        let bytes = mutateBytes(sample, random);
        while (random.below(3) === 0) bytes = mutateBytes(bytes, random);
        count[check(codec, bytes, `seed ${seed}`)]++;
      }
    }
  }
  return counts;
}

/** Feeds hostile and mutated nodes to the proof verifier, under the hash of the node itself. */
export function fuzzProofs(rounds: number, seed: number, nodes: readonly Uint8Array[]): void {
  const random = seededRandom(seed);
  const run = (node: Uint8Array): void => {
    const root = bytesToHex(keccak256(node));
    for (const value of [undefined, Uint8Array.of(1)]) {
      const answer = verifyListProof(root, random.below(300), value, [node]);
      if (typeof answer !== 'boolean') throw new Error('no answer');
    }
  };
  for (const [, bytes] of hostileBytes) run(bytes);
  for (let i = 0; i < rounds; i++) run(mutateBytes(random.pick(nodes), random));
}

/** Feeds random bytes to the precompile decoders and the text codec. */
export function fuzzOthers(rounds: number, seed: number): void {
  const random = seededRandom(seed);
  const heads = ['510b11bb', 'bda8c0e9', '6d6b2f77', '28480800'].map((text) =>
    Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16)),
  );
  for (let i = 0; i < rounds; i++) {
    const body = random.bytes(random.below(140));
    if (!equalBytes(textToBytes(bytesToText(body), 'text'), body)) {
      throw new Error(`text does not survive: ${bytesToHex(body)}`);
    }
    const input = Uint8Array.from([...random.pick(heads).slice(0, random.below(5)), ...body]);
    for (const decode of [
      () => decodeStakingCall(input, `0x${'11'.repeat(20)}`),
      () => decodeTransferCall(input),
    ]) {
      try {
        decode();
      } catch (error) {
        if (!(error instanceof ChainError) || !isProtocolError(error)) throw error;
      }
    }
  }
}
