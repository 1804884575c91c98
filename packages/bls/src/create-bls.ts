/**
 * Makes a `Bls` value of a backend: lengths, ranges, infinity, empty lists, batches, the cache.
 *
 * Everything that engines could disagree about apart from mathematics is decided here. `verify*`
 * and `isValid*` catch the package's own errors and answer false; other exceptions are bugs and
 * pass through.
 */
import type { Backend, SigningDomain } from './backend.js';
import {
  type BatchEntry,
  type Bls,
  type BlsOptions,
  type IdentityRule,
  PUBLIC_KEY_LENGTH,
  SIGNATURE_LENGTH,
  WEIGHT_LENGTH,
} from './bls.js';
import { createByteCache } from './byte-cache.js';
import { BlsError } from './errors.js';
import { createKeySum, type Decoded, type SumKeys } from './key-sum.js';

import { assertValidSecretKey, isValidSecretKey } from './secret-key.js';

/**
 * From so many signatures on it takes less to prove a batch to be in the subgroup than each alone, which is
 * about as much work as one digit place of the proof.
 */
const PROVEN_BATCH = 24;

function assertBytes(value: unknown, what: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
}

function assertExact(bytes: Uint8Array, expected: number, what: 'public key' | 'signature'): void {
  assertBytes(bytes, what);
  if (bytes.length !== expected) {
    throw new BlsError({ code: 'bls/invalid-length', what, expected, actual: bytes.length });
  }
}

function assertAllowed(
  { identity }: { readonly identity: boolean },
  allowIdentity: boolean,
  what: 'public key' | 'signature',
): void {
  if (identity && !allowIdentity) throw new BlsError({ code: 'bls/identity', what });
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof BlsError) return false;
    throw error;
  }
}

/** Splits and checks the caller's randomness. */
function splitWeights(weights: Uint8Array, count: number): readonly Uint8Array[] {
  assertBytes(weights, 'weights');
  if (weights.length !== count * WEIGHT_LENGTH) {
    throw new BlsError({
      code: 'bls/invalid-length',
      what: 'weights',
      expected: count * WEIGHT_LENGTH,
      actual: weights.length,
    });
  }
  return Array.from({ length: count }, (_, i) => {
    const weight = weights.subarray(i * WEIGHT_LENGTH, (i + 1) * WEIGHT_LENGTH);
    if (weight.every((byte) => byte === 0)) {
      throw new BlsError({
        code: 'bls/invalid-weights',
        reason: `must not be zero, but number ${i} is: an entry with weight zero is not checked`,
      });
    }
    return weight;
  });
}

function assertCapacity(value: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > 1 << 20) {
    throw new BlsError({
      code: 'bls/out-of-range',
      what,
      reason: `must be an integer from 0 to ${1 << 20}, got ${value}`,
    });
  }
}

/**
 * A `Bls` value over a backend.
 *
 * @throws {@link BlsError} `bls/out-of-range` for a cache size that is not 0 .. 2^20.
 */
export function createBls<Key, Signature, Message>(
  backend: Backend<Key, Signature, Message>,
  options: BlsOptions = {},
): Bls {
  const { suite, engine, proofs } = backend;
  const {
    cachedPublicKeys = 0,
    cachedMessages = 0,
    cachedSignatures = 0,
    acceptIdentity = false,
  } = options;
  assertCapacity(cachedPublicKeys, 'cachedPublicKeys');
  assertCapacity(cachedMessages, 'cachedMessages');
  assertCapacity(cachedSignatures, 'cachedSignatures');
  const keys = createByteCache<Decoded<Key>>(cachedPublicKeys);
  const signatures = createByteCache<Decoded<Signature>>(cachedSignatures);
  const messages = {
    message: createByteCache<Message | undefined>(cachedMessages),
    possession: createByteCache<Message | undefined>(0),
  };
  const sumKeys: SumKeys<Key> =
    cachedPublicKeys > 0
      ? createKeySum(backend)
      : (decoded) => backend.sumPublicKeys(decoded.map(({ point }) => point));

  const keyOf = (point: Key): Decoded<Key> => ({ point, identity: backend.isIdentityKey(point) });
  const signatureOf = (point: Signature): Decoded<Signature> => ({
    point,
    identity: backend.isIdentitySignature(point),
  });
  const decodeRawKey = (bytes: Uint8Array): Decoded<Key> => keyOf(backend.decodePublicKey(bytes));
  const decodeRawSignature = (bytes: Uint8Array): Decoded<Signature> =>
    signatureOf(backend.decodeSignature(bytes));
  const decodeKey = (bytes: Uint8Array, allowIdentity = acceptIdentity): Decoded<Key> => {
    assertExact(bytes, PUBLIC_KEY_LENGTH, 'public key');
    const key = keys.get(bytes, decodeRawKey);
    assertAllowed(key, allowIdentity, 'public key');
    return key;
  };
  const decodeSignature = (
    bytes: Uint8Array,
    allowIdentity = acceptIdentity,
  ): Decoded<Signature> => {
    assertExact(bytes, SIGNATURE_LENGTH, 'signature');
    const signature = signatures.get(bytes, decodeRawSignature);
    assertAllowed(signature, allowIdentity, 'signature');
    return signature;
  };
  const mapMessage = (bytes: Uint8Array, domain: SigningDomain): Message | undefined =>
    messages[domain].get(bytes, (copy) => backend.mapMessage(copy, domain));

  /** The pairing check for points that may be infinity. */
  const check = (signature: Decoded<Signature>, message: Message, key: Decoded<Key>): boolean => {
    if (signature.identity || key.identity) {
      return acceptIdentity && signature.identity && key.identity;
    }
    return backend.verify(signature.point, message, key.point);
  };
  const verifyIn = (
    signatureBytes: Uint8Array,
    messageBytes: Uint8Array,
    publicKey: Uint8Array,
    domain: SigningDomain,
  ): boolean => {
    assertBytes(signatureBytes, 'signature');
    assertBytes(messageBytes, 'message');
    assertBytes(publicKey, 'public key');
    return holds(() => {
      const signature = decodeSignature(signatureBytes);
      const key = decodeKey(publicKey);
      const message = mapMessage(messageBytes, domain);
      return message !== undefined && check(signature, message, key);
    });
  };
  const signIn = (bytes: Uint8Array, secretKey: Uint8Array, domain: SigningDomain): Uint8Array => {
    assertBytes(bytes, 'message');
    assertBytes(secretKey, 'secret key');
    assertValidSecretKey(secretKey, suite);
    const message = mapMessage(bytes, domain);
    if (message === undefined) {
      throw new BlsError({
        code: 'bls/invalid-message',
        reason: 'must not be empty or zero in its first 48 bytes: it has no curve point',
      });
    }
    return backend.encodeSignature(backend.sign(message, secretKey));
  };

  type Vote = {
    readonly at: number;
    readonly key: Decoded<Key>;
    readonly signature: Decoded<Signature>;
    /** The encoding of a signature that may still lie outside the subgroup. */
    readonly unproven: Uint8Array | undefined;
  };
  type Weigh<Point> = (
    points: readonly Point[],
    weights: readonly Uint8Array[],
  ) => Point | undefined;
  const isWorthProving = (votes: readonly Vote[]): boolean =>
    votes.filter(({ unproven }) => unproven !== undefined).length >= PROVEN_BATCH;
  /** Decodes what decodes; positions of the rest go to `invalid`. */
  const decodeEntries = (entries: readonly BatchEntry[], invalid: number[]): Vote[] => {
    const decoded: Vote[] = [];
    entries.forEach(({ publicKey, signature: bytes }, at) => {
      assertBytes(bytes, 'signature');
      assertBytes(publicKey, 'public key');
      const fine = holds(() => {
        const key = decodeKey(publicKey);
        assertExact(bytes, SIGNATURE_LENGTH, 'signature');
        const known = signatures.find(bytes);
        if (known !== undefined || proofs === undefined) {
          decoded.push({ at, key, signature: decodeSignature(bytes), unproven: undefined });
          return true;
        }
        const signature = signatureOf(proofs.decodeOnCurve(bytes));
        assertAllowed(signature, acceptIdentity, 'signature');
        decoded.push({ at, key, signature, unproven: bytes });
        return true;
      });
      if (!fine) invalid.push(at);
    });
    return decoded;
  };
  const checkDecoded = (
    message: Message,
    entries: readonly Vote[],
    weights: readonly Uint8Array[],
    weigh: Weigh<Signature> = backend.weightedSignatures,
  ): boolean => {
    const [first] = entries;
    if (first === undefined) return true;
    if (entries.length === 1) return check(first.signature, message, first.key);
    const used = entries.map(({ at }) => weights[at]!);
    const sum = weigh(
      entries.map(({ signature }) => signature.point),
      used,
    );
    if (sum === undefined) return false;
    const key = backend.weightedPublicKeys(
      entries.map((entry) => entry.key.point),
      used,
    );
    return check(signatureOf(sum), message, keyOf(key));
  };
  /** Whether a batch is right as a whole, signatures outside the subgroup included. */
  const checkUnproven = (
    message: Message,
    entries: readonly Vote[],
    weights: readonly Uint8Array[],
  ): boolean => {
    if (!checkDecoded(message, entries, weights, proofs!.weightedSignatures)) return false;
    for (const { signature, unproven } of entries) {
      if (unproven !== undefined) signatures.keep(unproven, signature);
    }
    return true;
  };
  /** Those in the subgroup, each checked alone; positions of the rest go to `invalid`. */
  const proveEach = (entries: readonly Vote[], invalid: number[]): Vote[] =>
    entries.filter(({ at, signature, unproven }) => {
      if (unproven === undefined) return true;
      if (proofs!.isInSubgroup(signature.point)) {
        signatures.keep(unproven, signature);
        return true;
      }
      invalid.push(at);
      return false;
    });

  const bls: Bls = {
    suite,
    engine,
    getPublicKey(secretKey) {
      assertBytes(secretKey, 'secret key');
      assertValidSecretKey(secretKey, suite);
      return backend.encodePublicKey(backend.derivePublicKey(secretKey));
    },
    sign: (message, secretKey) => signIn(message, secretKey, 'message'),
    verify: (signature, message, publicKey) => verifyIn(signature, message, publicKey, 'message'),
    signPossession: (message, secretKey) => signIn(message, secretKey, 'possession'),
    verifyPossession: (signature, message, publicKey) =>
      verifyIn(signature, message, publicKey, 'possession'),
    aggregateSignatures(list) {
      if (list.length === 0) {
        throw new BlsError({ code: 'bls/nothing-to-aggregate', what: 'signature' });
      }
      return backend.encodeSignature(
        backend.sumSignatures(list.map((bytes) => decodeSignature(bytes).point)),
      );
    },
    aggregatePublicKeys(list) {
      if (list.length === 0) {
        throw new BlsError({ code: 'bls/nothing-to-aggregate', what: 'public key' });
      }
      return backend.encodePublicKey(sumKeys(list.map((bytes) => decodeKey(bytes))));
    },
    verifyAggregate(signatureBytes, messageBytes, publicKeys) {
      assertBytes(signatureBytes, 'signature');
      assertBytes(messageBytes, 'message');
      for (const key of publicKeys) assertBytes(key, 'public key');
      if (publicKeys.length === 0) return false;
      return holds(() => {
        const signature = decodeSignature(signatureBytes);
        const key = keyOf(sumKeys(publicKeys.map((bytes) => decodeKey(bytes))));
        const message = mapMessage(messageBytes, 'message');
        return message !== undefined && check(signature, message, key);
      });
    },
    verifyBatch(messageBytes, entries, weights) {
      assertBytes(messageBytes, 'message');
      const split = splitWeights(weights, entries.length);
      const invalid: number[] = [];
      const decoded = decodeEntries(entries, invalid);
      if (invalid.length > 0) return false;
      if (decoded.length === 0) return true;
      const message = mapMessage(messageBytes, 'message');
      if (message === undefined) return false;
      if (isWorthProving(decoded)) return checkUnproven(message, decoded, split);
      const allProven = proveEach(decoded, invalid).length === decoded.length;
      return allProven && checkDecoded(message, decoded, split);
    },
    findInvalid(messageBytes, entries, weights) {
      assertBytes(messageBytes, 'message');
      const split = splitWeights(weights, entries.length);
      const invalid: number[] = [];
      const decoded = decodeEntries(entries, invalid);
      const message = mapMessage(messageBytes, 'message');
      if (message === undefined) return entries.map((_, at) => at);
      const failed = isWorthProving(decoded);
      if (failed && checkUnproven(message, decoded, split)) return invalid;
      const proven = proveEach(decoded, invalid);
      // A part must be wrong when its whole is and the other part is not; a single entry is named
      // only after a check of its own.
      const search = (part: readonly Vote[], mustBeWrong: boolean): boolean => {
        const [first] = part;
        if (first === undefined) return false;
        if (part.length === 1) {
          if (check(first.signature, message, first.key)) return false;
          invalid.push(first.at);
          return true;
        }
        if (!mustBeWrong && checkDecoded(message, part, split)) return false;
        const middle = part.length >> 1;
        const inLeft = search(part.slice(0, middle), false);
        search(part.slice(middle), !inLeft);
        return true;
      };
      // A batch that failed with every point in the subgroup has a wrong entry.
      search(proven, failed && proven.length === decoded.length);
      return invalid.sort((a, b) => a - b);
    },
    isValidPublicKey(bytes) {
      assertBytes(bytes, 'public key');
      return holds(() => decodeKey(bytes) !== undefined);
    },
    isValidSignature(bytes) {
      assertBytes(bytes, 'signature');
      return holds(() => decodeSignature(bytes) !== undefined);
    },
    isValidSecretKey(bytes) {
      assertBytes(bytes, 'secret key');
      return isValidSecretKey(bytes, suite);
    },
    assertValidPublicKey(bytes, { allowIdentity = acceptIdentity }: IdentityRule = {}) {
      decodeKey(bytes, allowIdentity);
    },
    assertValidSignature(bytes, { allowIdentity = acceptIdentity }: IdentityRule = {}) {
      decodeSignature(bytes, allowIdentity);
    },
  };
  return Object.freeze(bls);
}
