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
import { BlsError } from './errors.js';
import { createKeyCache } from './key-cache.js';
import { assertValidSecretKey, isValidSecretKey } from './secret-key.js';

function assertBytes(value: unknown, what: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} must be a Uint8Array`);
}

function assertExact(bytes: Uint8Array, expected: number, what: 'public key' | 'signature'): void {
  assertBytes(bytes, what);
  if (bytes.length !== expected) {
    throw new BlsError({ code: 'bls/invalid-length', what, expected, actual: bytes.length });
  }
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

/**
 * A `Bls` value over a backend.
 *
 * @throws {@link BlsError} `bls/out-of-range` for a cache size that is not 0 .. 2^20.
 */
export function createBls<Key, Signature>(
  backend: Backend<Key, Signature>,
  options: BlsOptions = {},
): Bls {
  const { suite, engine } = backend;
  const { cachedPublicKeys = 0, acceptIdentity = false } = options;
  if (!Number.isInteger(cachedPublicKeys) || cachedPublicKeys < 0 || cachedPublicKeys > 1 << 20) {
    throw new BlsError({
      code: 'bls/out-of-range',
      what: 'cachedPublicKeys',
      reason: `must be an integer from 0 to ${1 << 20}, got ${cachedPublicKeys}`,
    });
  }
  const cache = createKeyCache<Key>(cachedPublicKeys);
  const decodeRawKey = (bytes: Uint8Array): Key => backend.decodePublicKey(bytes);

  const decodeKey = (bytes: Uint8Array, allowIdentity = acceptIdentity): Key => {
    assertExact(bytes, PUBLIC_KEY_LENGTH, 'public key');
    const key = cache.get(bytes, decodeRawKey);
    if (!allowIdentity && backend.isIdentityKey(key)) {
      throw new BlsError({ code: 'bls/identity', what: 'public key' });
    }
    return key;
  };
  const decodeSignature = (bytes: Uint8Array, allowIdentity = acceptIdentity): Signature => {
    assertExact(bytes, SIGNATURE_LENGTH, 'signature');
    const signature = backend.decodeSignature(bytes);
    if (!allowIdentity && backend.isIdentitySignature(signature)) {
      throw new BlsError({ code: 'bls/identity', what: 'signature' });
    }
    return signature;
  };

  /** The pairing check for points that may be infinity. */
  const check = (
    signature: Signature,
    message: Uint8Array,
    key: Key,
    domain: SigningDomain,
  ): boolean => {
    if (!backend.canSign(message)) return false;
    const noSignature = backend.isIdentitySignature(signature);
    const noKey = backend.isIdentityKey(key);
    if (noSignature || noKey) return acceptIdentity && noSignature && noKey;
    return backend.verify(signature, message, key, domain);
  };
  const verifyIn = (
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
    domain: SigningDomain,
  ): boolean => {
    assertBytes(signature, 'signature');
    assertBytes(message, 'message');
    assertBytes(publicKey, 'public key');
    return holds(() => check(decodeSignature(signature), message, decodeKey(publicKey), domain));
  };
  const signIn = (
    message: Uint8Array,
    secretKey: Uint8Array,
    domain: SigningDomain,
  ): Uint8Array => {
    assertBytes(message, 'message');
    assertBytes(secretKey, 'secret key');
    assertValidSecretKey(secretKey, suite);
    if (!backend.canSign(message)) {
      throw new BlsError({
        code: 'bls/invalid-message',
        reason: 'must not be empty or zero in its first 48 bytes: it has no curve point',
      });
    }
    return backend.encodeSignature(backend.sign(message, secretKey, domain));
  };

  type Decoded = { readonly at: number; readonly key: Key; readonly signature: Signature };
  /** Decodes what decodes; positions of the rest go to `invalid`. */
  const decodeEntries = (entries: readonly BatchEntry[], invalid: number[]): Decoded[] => {
    const decoded: Decoded[] = [];
    entries.forEach(({ publicKey, signature }, at) => {
      assertBytes(signature, 'signature');
      assertBytes(publicKey, 'public key');
      const fine = holds(() => {
        const key = decodeKey(publicKey);
        decoded.push({ at, key, signature: decodeSignature(signature) });
        return true;
      });
      if (!fine) invalid.push(at);
    });
    return decoded;
  };
  const checkDecoded = (
    message: Uint8Array,
    entries: readonly Decoded[],
    weights: readonly Uint8Array[],
  ): boolean => {
    if (entries.length === 0) return true;
    const [first] = entries;
    if (entries.length === 1) return check(first!.signature, message, first!.key, 'message');
    const used = entries.map(({ at }) => weights[at]!);
    return check(
      backend.weightedSignatures(
        entries.map(({ signature }) => signature),
        used,
      ),
      message,
      backend.weightedPublicKeys(
        entries.map(({ key }) => key),
        used,
      ),
      'message',
    );
  };

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
    aggregateSignatures(signatures) {
      if (signatures.length === 0) {
        throw new BlsError({ code: 'bls/nothing-to-aggregate', what: 'signature' });
      }
      return backend.encodeSignature(
        backend.sumSignatures(signatures.map((bytes) => decodeSignature(bytes))),
      );
    },
    aggregatePublicKeys(keys) {
      if (keys.length === 0) {
        throw new BlsError({ code: 'bls/nothing-to-aggregate', what: 'public key' });
      }
      return backend.encodePublicKey(backend.sumPublicKeys(keys.map((bytes) => decodeKey(bytes))));
    },
    verifyAggregate(signature, message, publicKeys) {
      assertBytes(signature, 'signature');
      assertBytes(message, 'message');
      for (const key of publicKeys) assertBytes(key, 'public key');
      if (publicKeys.length === 0) return false;
      return holds(() =>
        check(
          decodeSignature(signature),
          message,
          backend.sumPublicKeys(publicKeys.map((bytes) => decodeKey(bytes))),
          'message',
        ),
      );
    },
    verifyBatch(message, entries, weights) {
      assertBytes(message, 'message');
      const split = splitWeights(weights, entries.length);
      const invalid: number[] = [];
      const decoded = decodeEntries(entries, invalid);
      return invalid.length === 0 && checkDecoded(message, decoded, split);
    },
    findInvalid(message, entries, weights) {
      assertBytes(message, 'message');
      const split = splitWeights(weights, entries.length);
      const invalid: number[] = [];
      const decoded = decodeEntries(entries, invalid);
      const search = (part: readonly Decoded[]): void => {
        if (checkDecoded(message, part, split)) return;
        if (part.length === 1) {
          invalid.push(part[0]!.at);
          return;
        }
        const middle = part.length >> 1;
        search(part.slice(0, middle));
        search(part.slice(middle));
      };
      search(decoded);
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
