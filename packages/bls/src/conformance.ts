/**
 * The checks every engine of a ciphersuite must pass, as data: any test framework can run them.
 *
 * They pin bytes (known answers), answers (what is accepted, what is refused and why) and the
 * promises of the `Bls` value. {@link engineAgreement} adds that two engines given the same bytes,
 * most of them broken, both accept or both refuse. A check that fails throws {@link BlsError}
 * `bls/conformance-failed`.
 */
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  hexToBytes,
  isProtocolError,
} from '@polyphony/primitives';
import { type Bls, type BlsOptions, WEIGHT_LENGTH } from './bls.js';
import { harmonyData, ietfData, type KnownSignature, type SuiteData } from './conformance/data.js';
import { BlsError, type BlsErrorDetails } from './errors.js';
import { provePossession, verifyPossession } from './possession.js';

/** One check. */
export interface BlsCheck {
  readonly name: string;
  /** Resolves when the engine behaves; rejects with what was expected and what came. */
  readonly run: () => Promise<void>;
}

/** Makes a fresh engine. */
export type CreateBls = (options?: BlsOptions) => Bls | Promise<Bls>;

class Mismatch extends Error {}

function expectTrue(value: boolean, what: string): void {
  if (!value) throw new Mismatch(what);
}

function expectBytes(actual: Uint8Array, expected: string, what: string): void {
  const text = bytesToHex(actual).slice(2);
  if (text !== expected) throw new Mismatch(`${what}: expected ${expected}, got ${text}`);
}

function expectCode(action: () => unknown, code: BlsErrorDetails['code'], what: string): void {
  let came = 'nothing';
  try {
    action();
  } catch (error) {
    came = isProtocolError(error) ? error.code : String(error);
  }
  if (came !== code) throw new Mismatch(`${what}: expected ${code}, got ${came}`);
}

function expectTypeError(action: () => unknown, what: string): void {
  try {
    action();
  } catch (error) {
    if (error instanceof TypeError) return;
    throw new Mismatch(`${what}: expected a TypeError, got ${String(error)}`);
  }
  throw new Mismatch(`${what}: expected a TypeError, nothing was thrown`);
}

interface Known {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const decodeKnown = (known: KnownSignature): Known => ({
  secretKey: hexToBytes(known.secretKey),
  publicKey: hexToBytes(known.publicKey),
  message: hexToBytes(known.message),
  signature: hexToBytes(known.signature),
});

/** The same x with the other y: the flag is in the last byte of `harmony`, the first of `ietf`. */
function negated(bytes: Uint8Array, bls: Bls): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (bls.suite === 'harmony') copy[copy.length - 1]! ^= 0x80;
  else copy[0]! ^= 0x20;
  return copy;
}

/** Weights 1, 2, 3 … */
const smallWeights = (count: number): Uint8Array => {
  const weights = new Uint8Array(count * WEIGHT_LENGTH);
  for (let i = 0; i < count; i++) weights[(i + 1) * WEIGHT_LENGTH - 1] = i + 1;
  return weights;
};

type Check = (bls: Bls, data: SuiteData, create: CreateBls) => void | Promise<void>;

const CHECKS: Readonly<Record<string, Check>> = {
  'known keys and signatures come out byte for byte': (bls, { signatures }) => {
    for (const known of signatures) {
      const { secretKey, message } = decodeKnown(known);
      expectBytes(bls.getPublicKey(secretKey), known.publicKey, 'public key');
      expectBytes(bls.sign(message, secretKey), known.signature, `signature of ${known.message}`);
    }
  },

  'a right signature verifies and every other does not': (bls, { signatures }) => {
    const [one, two] = [decodeKnown(signatures[0]), decodeKnown(signatures[1])];
    const other = Uint8Array.from(one.message);
    other[0]! ^= 1;
    expectTrue(bls.verify(one.signature, one.message, one.publicKey), 'the right one is refused');
    const wrong: readonly (readonly [string, Uint8Array, Uint8Array, Uint8Array])[] = [
      ['another message', one.signature, other, one.publicKey],
      ['another key', one.signature, one.message, two.publicKey],
      ['another signature', two.signature, one.message, one.publicKey],
      ['the negated signature', negated(one.signature, bls), one.message, one.publicKey],
      ['the negated key', one.signature, one.message, negated(one.publicKey, bls)],
    ];
    for (const [what, signature, message, key] of wrong) {
      expectTrue(!bls.verify(signature, message, key), `${what} is accepted`);
    }
    expectTrue(
      bls.verify(negated(one.signature, bls), one.message, negated(one.publicKey, bls)),
      'the negated signature of the negated key is refused',
    );
  },

  'malformed keys and signatures are refused for the right reason': (bls, data) => {
    const known = decodeKnown(data.signatures[0]);
    for (const { name, what, bytes, code } of data.malformed) {
      const given = hexToBytes(bytes);
      const label = `${what}, ${name}`;
      if (what === 'public key') {
        expectCode(() => bls.assertValidPublicKey(given), code, label);
        expectCode(() => bls.aggregatePublicKeys([known.publicKey, given]), code, label);
        expectTrue(!bls.isValidPublicKey(given), `${label}: said to be valid`);
        expectTrue(!bls.verify(known.signature, known.message, given), `${label}: verifies`);
      } else {
        expectCode(() => bls.assertValidSignature(given), code, label);
        expectCode(() => bls.aggregateSignatures([known.signature, given]), code, label);
        expectTrue(!bls.isValidSignature(given), `${label}: said to be valid`);
        expectTrue(!bls.verify(given, known.message, known.publicKey), `${label}: verifies`);
      }
    }
  },

  'infinity decodes but neither signs nor verifies': (bls, data) => {
    const key = hexToBytes(data.identityKey);
    const signature = hexToBytes(data.identitySignature);
    const known = decodeKnown(data.signatures[0]);
    bls.assertValidPublicKey(key, { allowIdentity: true });
    bls.assertValidSignature(signature, { allowIdentity: true });
    expectCode(() => bls.assertValidPublicKey(key), 'bls/identity', 'key at infinity');
    expectCode(() => bls.assertValidSignature(signature), 'bls/identity', 'signature at infinity');
    expectCode(() => bls.aggregatePublicKeys([key]), 'bls/identity', 'sum of keys');
    expectCode(() => bls.aggregateSignatures([signature]), 'bls/identity', 'sum of signatures');
    expectTrue(!bls.isValidPublicKey(key) && !bls.isValidSignature(signature), 'said to be valid');
    expectTrue(!bls.verify(signature, known.message, key), 'both at infinity verify');
    expectTrue(!bls.verify(known.signature, known.message, key), 'a key at infinity verifies');
    expectTrue(!bls.verify(signature, known.message, known.publicKey), 'a signature does');
    // Two keys that cancel: their sum is infinity although neither is.
    const pair = [known.publicKey, negated(known.publicKey, bls)];
    expectTrue(!bls.verifyAggregate(signature, known.message, pair), 'keys that cancel verify');
  },

  'acceptIdentity answers as the library of 2019 did': async (_bls, data, create) => {
    const bls = await create({ acceptIdentity: true });
    const key = hexToBytes(data.identityKey);
    const signature = hexToBytes(data.identitySignature);
    const known = decodeKnown(data.signatures[0]);
    expectTrue(bls.verify(signature, known.message, key), 'both at infinity are refused');
    expectTrue(!bls.verify(known.signature, known.message, key), 'a key at infinity verifies');
    expectTrue(!bls.verify(signature, known.message, known.publicKey), 'a signature does');
    expectTrue(bls.isValidPublicKey(key) && bls.isValidSignature(signature), 'said to be invalid');
    expectBytes(bls.aggregatePublicKeys([key]), data.identityKey, 'sum of keys');
  },

  'secret keys outside 1 .. r-1 are refused': (bls, data) => {
    const { message } = decodeKnown(data.signatures[0]);
    for (const text of data.badSecretKeys) {
      const secretKey = hexToBytes(text);
      expectTrue(!bls.isValidSecretKey(secretKey), `${text} is said to be valid`);
      expectCode(() => bls.getPublicKey(secretKey), 'bls/invalid-secret-key', text);
      expectCode(() => bls.sign(message, secretKey), 'bls/invalid-secret-key', text);
    }
    for (const length of [0, 31, 33]) {
      const secretKey = new Uint8Array(length).fill(1);
      expectTrue(!bls.isValidSecretKey(secretKey), `${length} bytes are said to be valid`);
      expectCode(() => bls.getPublicKey(secretKey), 'bls/invalid-length', `${length} bytes`);
    }
  },

  'messages without a curve point are neither signed nor verified': (bls, data) => {
    const known = decodeKnown(data.signatures[0]);
    for (const text of data.unsignable) {
      const message = hexToBytes(text);
      expectCode(() => bls.sign(message, known.secretKey), 'bls/invalid-message', text);
      expectTrue(!bls.verify(known.signature, message, known.publicKey), `${text} verifies`);
      const entry = { publicKey: known.publicKey, signature: known.signature };
      expectTrue(
        !bls.verifyBatch(message, [entry], smallWeights(1)),
        `${text} verifies in a batch`,
      );
      expectTrue(bls.findInvalid(message, [entry], smallWeights(1)).length === 1, `${text}: found`);
    }
  },

  'sums verify for exactly their signers': (bls, data) => {
    const [one, two] = [decodeKnown(data.signatures[0]), decodeKnown(data.signatures[1])];
    const { message } = one;
    const sum = bls.aggregateSignatures([one.signature, two.signature]);
    const keys = [one.publicKey, two.publicKey];
    const swapped = bls.aggregateSignatures([two.signature, one.signature]);
    expectTrue(equalBytes(sum, swapped), 'the order of signatures matters');
    expectTrue(bls.verifyAggregate(sum, message, keys), 'the right sum is refused');
    expectTrue(bls.verifyAggregate(sum, message, keys.toReversed()), 'the order of keys matters');
    expectTrue(bls.verify(sum, message, bls.aggregatePublicKeys(keys)), 'the sum of keys differs');
    expectTrue(!bls.verifyAggregate(sum, message, [one.publicKey]), 'a missing key is accepted');
    const twice = [one.publicKey, ...keys];
    expectTrue(!bls.verifyAggregate(sum, message, twice), 'a repeated key counts once');
    const again = bls.aggregateSignatures([one.signature, one.signature, two.signature]);
    expectTrue(bls.verifyAggregate(again, message, twice), 'a repeated key does not count twice');
    expectTrue(!bls.verifyAggregate(sum, message, []), 'no key is accepted');
    expectCode(() => bls.aggregateSignatures([]), 'bls/nothing-to-aggregate', 'no signature');
    expectCode(() => bls.aggregatePublicKeys([]), 'bls/nothing-to-aggregate', 'no key');
  },

  'batches hold when every entry does, and wrong ones are found': (bls, data) => {
    const [one, two] = [decodeKnown(data.signatures[0]), decodeKnown(data.signatures[1])];
    const { message } = one;
    const three = bls.sign(message, decodeKnown(data.signatures[2]!).secretKey);
    const entries = [
      { publicKey: one.publicKey, signature: one.signature },
      { publicKey: two.publicKey, signature: two.signature },
      { publicKey: hexToBytes(data.signatures[2]!.publicKey), signature: three },
    ];
    const weights = smallWeights(3);
    expectTrue(bls.verifyBatch(message, entries, weights), 'right entries are refused');
    expectTrue(bls.findInvalid(message, entries, weights).length === 0, 'a right entry is blamed');
    expectTrue(bls.verifyBatch(message, [], new Uint8Array(0)), 'no entries are refused');
    // Swapped signatures have the right sum: only the weights tell.
    const swapped = [
      { publicKey: one.publicKey, signature: two.signature },
      { publicKey: two.publicKey, signature: one.signature },
      entries[2]!,
    ];
    expectTrue(!bls.verifyBatch(message, swapped, weights), 'errors that cancel are accepted');
    const found = bls.findInvalid(message, swapped, weights).join();
    expectTrue(found === '0,1', `expected entries 0,1 to be found, got ${found}`);
    const broken = [entries[0]!, { publicKey: two.publicKey, signature: one.signature.slice(1) }];
    expectTrue(!bls.verifyBatch(message, broken, smallWeights(2)), 'a short signature is accepted');
    expectTrue(bls.findInvalid(message, broken, smallWeights(2)).join() === '1', 'it is not found');
  },

  'weights of the wrong length or zero are refused': (bls, data) => {
    const { publicKey, signature, message } = decodeKnown(data.signatures[0]);
    const entries = [{ publicKey, signature }];
    for (const length of [0, 7, 9, 16]) {
      const weights = new Uint8Array(length).fill(1);
      expectCode(() => bls.verifyBatch(message, entries, weights), 'bls/invalid-length', 'weights');
      expectCode(() => bls.findInvalid(message, entries, weights), 'bls/invalid-length', 'weights');
    }
    const zero = new Uint8Array(WEIGHT_LENGTH);
    expectCode(() => bls.verifyBatch(message, entries, zero), 'bls/invalid-weights', 'zero weight');
  },

  'caches change no answer': async (bls, data, create) => {
    const cached = await create({ cachedPublicKeys: 2, cachedMessages: 1, cachedSignatures: 2 });
    const known = data.signatures.map(decodeKnown);
    const { message } = known[0]!;
    const keys = known.map(({ publicKey }) => publicKey);
    const lists = [[0, 1], [0, 1], [0, 1, 2], [1, 2], [1, 1], [2, 1, 0], [0], [0, 0, 0, 1]];
    for (const list of lists) {
      const chosen = list.map((i) => keys[i]!);
      const expected = bls.aggregatePublicKeys(chosen);
      const actual = cached.aggregatePublicKeys(chosen);
      expectTrue(equalBytes(actual, expected), `sum of keys ${list} differs`);
    }
    for (const { publicKey, signature, message: own } of [...known.slice(0, 3), known[0]!]) {
      expectTrue(cached.verify(signature, own, publicKey), 'a right signature is refused');
    }
    expectTrue(!cached.verify(known[1]!.signature, message, keys[0]!), 'a wrong one is accepted');
    for (let i = 0; i < 2; i++) {
      const key = hexToBytes(data.identityKey);
      expectCode(() => cached.assertValidPublicKey(key), 'bls/identity', 'remembered infinity');
      cached.assertValidPublicKey(key, { allowIdentity: true });
    }
  },

  'proofs of possession are bound to the key and the account': (bls, data) => {
    const [one, two] = [decodeKnown(data.signatures[0]), decodeKnown(data.signatures[1])];
    const account = '0x00000000000000000000000000000000000000aa';
    const proof = provePossession(bls, one.secretKey);
    if (data.possession !== undefined) expectBytes(proof, data.possession, 'proof of possession');
    const accountProof = provePossession(bls, one.secretKey, account);
    expectTrue(verifyPossession(bls, proof, one.publicKey), 'a right proof is refused');
    expectTrue(verifyPossession(bls, accountProof, one.publicKey, account), 'with an account too');
    expectTrue(!verifyPossession(bls, proof, two.publicKey), 'it serves another key');
    expectTrue(!verifyPossession(bls, proof, one.publicKey, account), 'it serves an account');
    expectTrue(!verifyPossession(bls, accountProof, one.publicKey), 'an account proof serves none');
    if (bls.suite === 'ietf') {
      const signature = bls.sign(one.publicKey, one.secretKey);
      expectTrue(!verifyPossession(bls, signature, one.publicKey), 'a signature serves as a proof');
      expectTrue(!bls.verify(proof, one.publicKey, one.publicKey), 'a proof serves as a signature');
    }
  },

  'arguments stay as they are and results are fresh': (bls, data) => {
    const { secretKey, publicKey, message, signature } = decodeKnown(data.signatures[0]);
    const before = bytesToHex(concatBytes(secretKey, publicKey, message, signature));
    const first = bls.sign(message, secretKey);
    bls.verify(signature, message, publicKey);
    const key = bls.getPublicKey(secretKey);
    first.fill(0);
    key.fill(0);
    expectBytes(bls.sign(message, secretKey), data.signatures[0].signature, 'second signature');
    expectBytes(bls.getPublicKey(secretKey), data.signatures[0].publicKey, 'second key');
    const after = bytesToHex(concatBytes(secretKey, publicKey, message, signature));
    expectTrue(before === after, 'an argument was changed');
    // Views into larger buffers are arguments as good as any.
    const view = (bytes: Uint8Array): Uint8Array =>
      concatBytes(Uint8Array.of(7, 7, 7), bytes).subarray(3);
    expectTrue(bls.verify(view(signature), view(message), view(publicKey)), 'views are refused');
  },

  'arguments that are not bytes are a TypeError': (bls, data) => {
    const { secretKey, publicKey, message, signature } = decodeKnown(data.signatures[0]);
    const text = 'not bytes' as unknown as Uint8Array;
    const list = Array.from(publicKey) as unknown as Uint8Array;
    expectTypeError(() => bls.sign(text, secretKey), 'message to sign');
    expectTypeError(() => bls.sign(message, text), 'secret key to sign');
    expectTypeError(() => bls.getPublicKey(text), 'secret key');
    expectTypeError(() => bls.verify(text, message, publicKey), 'signature to verify');
    expectTypeError(() => bls.verify(signature, text, publicKey), 'message to verify');
    expectTypeError(() => bls.verify(signature, message, list), 'key to verify');
    expectTypeError(() => bls.verifyAggregate(signature, message, [list]), 'keys to verify');
    expectTypeError(() => bls.isValidPublicKey(list), 'key to check');
    expectTypeError(() => bls.isValidSignature(text), 'signature to check');
    expectTypeError(() => bls.verifyBatch(message, [], text), 'weights');
  },
};

function named(name: string, run: () => void | Promise<void>): BlsCheck {
  return {
    name,
    run: async () => {
      try {
        await run();
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        throw new BlsError({
          code: 'bls/conformance-failed',
          check: name,
          reason: error.message,
        });
      }
    },
  };
}

/**
 * The checks for an engine.
 *
 * @param create - Makes the engine under test; called with options by the checks of options.
 * @throws Each check's `run` rejects with {@link BlsError} `bls/conformance-failed`.
 * @example
 * for (const { name, run } of await blsConformance(() => createWasmBls())) test(name, run)
 */
export async function blsConformance(create: CreateBls): Promise<readonly BlsCheck[]> {
  const bls = await create();
  const data = bls.suite === 'harmony' ? harmonyData : ietfData;
  return Object.entries(CHECKS).map(([name, check]) =>
    named(`${bls.suite} on ${bls.engine}: ${name}`, () => check(bls, data, create)),
  );
}

/** A small generator (xorshift) so that the same seed always gives the same bytes. */
function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutated(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = random(copy.length);
  switch (random(5)) {
    case 0:
      copy[at]! ^= 1 << random(8);
      return copy;
    case 1:
      copy[random(2) === 0 ? 0 : copy.length - 1]! ^= 1 << random(8);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return copy.fill([0, 0xff, 0x1a, 0x80][random(4)]!, at);
    default:
      return copy.map(() => random(256));
  }
}

/**
 * The check that two engines of one suite agree on accept or reject, and on the reason, for keys
 * and signatures broken in `rounds` ways each.
 *
 * @param seed - Any integer; a failure names it.
 * @throws The check's `run` rejects with {@link BlsError} `bls/conformance-failed`.
 */
export function engineAgreement(a: Bls, b: Bls, rounds: number, seed: number): BlsCheck {
  return named(`${a.suite}: ${a.engine} and ${b.engine} agree, seed ${seed}`, () => {
    const data = a.suite === 'harmony' ? harmonyData : ietfData;
    const random = generator(seed);
    const answer = (action: () => void): string => {
      try {
        action();
        return 'accepted';
      } catch (error) {
        if (error instanceof BlsError) return error.code;
        throw error;
      }
    };
    for (let round = 0; round < rounds; round++) {
      const known = decodeKnown(data.signatures[random(data.signatures.length)]!);
      const key = mutated(known.publicKey, random);
      const signature = mutated(known.signature, random);
      const pairs: readonly (readonly [Uint8Array, string, string])[] = [
        [key, answer(() => a.assertValidPublicKey(key)), answer(() => b.assertValidPublicKey(key))],
        [
          signature,
          answer(() => a.assertValidSignature(signature)),
          answer(() => b.assertValidSignature(signature)),
        ],
      ];
      for (const [bytes, first, second] of pairs) {
        if (first !== second) {
          throw new Mismatch(`${bytesToHex(bytes)}: ${a.engine} ${first}, ${b.engine} ${second}`);
        }
      }
    }
  });
}
