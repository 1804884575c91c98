/**
 * Both ciphersuites on mcl-wasm: the C++ library of the network's nodes as WebAssembly.
 *
 * About four times faster than `harmonyBls` and `ietfBls` and equal to them in every byte and every
 * answer. Works in Node and in browsers: the module is text inside a script, no file is fetched; a
 * page's content security policy must allow `wasm-unsafe-eval`. `mcl-wasm` is an optional peer
 * dependency, and its version is fixed because this file calls the C functions of the module itself.
 *
 * @source harmony-bls/src/bls_c_impl.hpp
 */
import { hexToBytes, utf8ToBytes } from '@polyphony/primitives';
import type { Backend, SigningDomain } from './backend.js';
import type { Bls, BlsOptions, BlsSuite } from './bls.js';
import { createBls } from './create-bls.js';
import { BlsError } from './errors.js';
import { IETF_MESSAGE_TAG, IETF_POSSESSION_TAG } from './ietf-tags.js';
import { harmonyEncoding, ietfEncoding } from './noble/encoding.js';
import { messageToField } from './noble/harmony-map.js';
import { type CurveEncoding, createCurve } from './wasm/curve.js';
import {
  type Arena,
  BYTES,
  CHUNK,
  type MclModule,
  openModule,
  SIZE,
  STACK_WIPE,
} from './wasm/module.js';

/** Limbs of a point, copied out of the module. Normalised: z is 0 or 1. */
type Limbs = Int8Array;

/** One group's functions and sizes. */
interface Group {
  readonly size: number;
  readonly area: number;
  readonly add: (z: number, x: number, y: number) => number;
  readonly mulVec: (z: number, x: number, y: number, n: number) => number;
  readonly normalize: (y: number, x: number) => number;
}

/** What differs between ciphersuites inside the module. */
interface MclSuite extends CurveEncoding {
  readonly suite: BlsSuite;
  /** Leaves the generator at `arena.sum`. */
  readonly makeGenerator: () => void;
  /** Leaves the message's point at `arena.sum`; false when there is none. */
  readonly mapMessage: (message: Uint8Array, domain: SigningDomain) => boolean;
}

/** Little-endian encodings and the old map are what the library starts with. */
function harmonySuite(module: MclModule, arena: Arena): MclSuite {
  return {
    suite: 'harmony',
    encoding: harmonyEncoding,
    bigEndian: false,
    flagOf: (y) => module._mclBnFp_isOdd(y) === 1,
    makeGenerator() {
      module._mclBnFp_setInt32(arena.fp2, 1);
      module._mclBnFp_mapToG1(arena.sum, arena.fp2);
    },
    mapMessage(message) {
      if (messageToField(message) === 0n) return false;
      const length = Math.min(message.length, SIZE.fp);
      module.HEAP8.set(message.subarray(0, length), arena.bytes);
      module._mclBnFp2_clear(arena.fp2);
      module._mclBnFp_setLittleEndian(arena.fp2, arena.bytes, length);
      return module._mclBnFp2_mapToG2(arena.sum, arena.fp2) === 0;
    },
  };
}

/** The library's number for the map of RFC 9380. */
const RFC_9380_MAP = 5;

/** The standard generator of G1, compressed. */
const STANDARD_GENERATOR =
  '97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb';

function ietfSuite(module: MclModule, arena: Arena): MclSuite {
  module._mclBn_setETHserialization(1);
  module._mclBn_setMapToMode(RFC_9380_MAP);
  const tags: Readonly<Record<SigningDomain, Uint8Array>> = {
    message: utf8ToBytes(IETF_MESSAGE_TAG),
    possession: utf8ToBytes(IETF_POSSESSION_TAG),
  };
  const hash = (at: number, message: Uint8Array, tag: Uint8Array): boolean => {
    module.HEAP8.set(message, at);
    module.HEAP8.set(tag, at + message.length);
    const status = module._mclBnG2_hashAndMapToWithDst(
      arena.sum,
      at,
      message.length,
      at + message.length,
      tag.length,
    );
    return status === 0;
  };
  return {
    suite: 'ietf',
    encoding: ietfEncoding,
    bigEndian: true,
    flagOf(y) {
      const imaginary = y + SIZE.fp;
      return module._mclBnFp_isNegative(module._mclBnFp_isZero(imaginary) ? y : imaginary) === 1;
    },
    makeGenerator() {
      module.HEAP8.set(hexToBytes(STANDARD_GENERATOR), arena.bytes);
      module._mclBnG1_deserialize(arena.sum, arena.bytes, SIZE.fp);
    },
    mapMessage(message, domain) {
      const tag = tags[domain];
      const length = message.length + tag.length;
      if (length <= BYTES) return hash(arena.bytes, message, tag);
      const at = module._malloc(length);
      if (at === 0) throw new Error(`mcl-wasm has no memory for a message of ${length} bytes`);
      try {
        return hash(at, message, tag);
      } finally {
        module._free(at);
      }
    },
  };
}

function mclBackend(module: MclModule, arena: Arena, mcl: MclSuite): Backend<Limbs, Limbs, Limbs> {
  const { suite, encoding, makeGenerator, mapMessage } = mcl;
  const curve = createCurve(module, mcl);
  const write = (at: number, bytes: Int8Array | Uint8Array): void => module.HEAP8.set(bytes, at);
  const read = (at: number, length: number): Int8Array => module.HEAP8.slice(at, at + length);
  const wipe = (at: number, length: number): void => {
    module.HEAP8.fill(0, at, at + length);
  };
  const g1: Group = {
    size: SIZE.g1,
    area: arena.g1,
    add: module._mclBnG1_add,
    mulVec: module._mclBnG1_mulVec,
    normalize: module._mclBnG1_normalize,
  };
  const g2: Group = {
    size: SIZE.g2,
    area: arena.g2,
    add: module._mclBnG2_add,
    mulVec: module._mclBnG2_mulVec,
    normalize: module._mclBnG2_normalize,
  };

  makeGenerator();
  module._mclBnG1_normalize(arena.sum, arena.sum);
  const generator = read(arena.sum, SIZE.g1);
  // Verification wants it negated.
  module._mclBnG1_neg(arena.sum, arena.sum);
  const negatedGenerator = read(arena.sum, SIZE.g1);

  const normalized = (group: Group): Limbs => {
    group.normalize(arena.sum, arena.sum);
    return read(arena.sum, group.size);
  };
  const sum = (group: Group, points: readonly Limbs[]): Limbs => {
    write(arena.sum, points[0]!);
    for (let i = 1; i < points.length; i++) {
      write(arena.term, points[i]!);
      group.add(arena.sum, arena.sum, arena.term);
    }
    return normalized(group);
  };
  const weighted = (
    group: Group,
    points: readonly Limbs[],
    weights: readonly Uint8Array[],
  ): Limbs => {
    wipe(arena.sum, group.size);
    for (let from = 0; from < points.length; from += CHUNK) {
      const count = Math.min(CHUNK, points.length - from);
      for (let i = 0; i < count; i++) {
        write(group.area + i * group.size, points[from + i]!);
        write(arena.bytes, new Uint8Array(weights[from + i]!).reverse());
        module._mclBnFr_setLittleEndian(
          arena.scalars + i * SIZE.fr,
          arena.bytes,
          weights[from + i]!.length,
        );
      }
      group.mulVec(arena.term, group.area, arena.scalars, count);
      group.add(arena.sum, arena.sum, arena.term);
    }
    return normalized(group);
  };

  /** Multiplies the point at `arena.term` by a secret, and leaves no copy of the secret. */
  const multiplyBySecret = (
    multiply: (z: number, x: number, y: number) => number,
    secretKey: Uint8Array,
  ): void => {
    try {
      write(arena.bytes, secretKey);
      module._mclBnFr_deserialize(arena.scalars, arena.bytes, secretKey.length);
      multiply(arena.sum, arena.term, arena.scalars);
    } finally {
      wipe(arena.bytes, secretKey.length);
      wipe(arena.scalars, SIZE.fr);
      // The library leaves copies in dead frames of its stack.
      wipe(module.stackSave() - STACK_WIPE, STACK_WIPE);
    }
  };

  /** Why the library refused a key whose coordinate is in range. */
  const refusal = (retry: () => number): BlsError => {
    module._mclBn_verifyOrderG1(0);
    const onCurve = retry() !== 0;
    module._mclBn_verifyOrderG1(1);
    const code = onCurve ? 'bls/not-in-subgroup' : 'bls/not-on-curve';
    return new BlsError({ code, what: 'public key' });
  };

  return {
    suite,
    engine: 'mcl-wasm',

    decodePublicKey(bytes) {
      // Flags and ranges first: in its big-endian mode the library takes infinity with stray bits.
      encoding.decodePublicKey(bytes);
      write(arena.bytes, bytes);
      const decode = (): number =>
        module._mclBnG1_deserialize(arena.sum, arena.bytes, bytes.length);
      if (decode() !== bytes.length) throw refusal(decode);
      return read(arena.sum, SIZE.g1);
    },
    encodePublicKey(key) {
      write(arena.sum, key);
      const length = module._mclBnG1_serialize(arena.bytes, SIZE.fp, arena.sum);
      return new Uint8Array(read(arena.bytes, length).buffer);
    },
    isIdentityKey(key) {
      write(arena.sum, key);
      return module._mclBnG1_isZero(arena.sum) === 1;
    },
    derivePublicKey(secretKey) {
      write(arena.term, generator);
      multiplyBySecret(module._mclBnG1_mulCT, secretKey);
      return normalized(g1);
    },
    negatePublicKey(key) {
      write(arena.sum, key);
      module._mclBnG1_neg(arena.sum, arena.sum);
      return read(arena.sum, SIZE.g1);
    },
    sumPublicKeys: (keys) => sum(g1, keys),
    weightedPublicKeys: (keys, weights) => weighted(g1, keys, weights),

    decodeSignature(bytes) {
      curve.decode(arena.sum, bytes);
      if (curve.isInSubgroup(arena.sum)) return read(arena.sum, SIZE.g2);
      throw new BlsError({ code: 'bls/not-in-subgroup', what: 'signature' });
    },
    encodeSignature(signature) {
      write(arena.sum, signature);
      const length = module._mclBnG2_serialize(arena.bytes, 2 * SIZE.fp, arena.sum);
      return new Uint8Array(read(arena.bytes, length).buffer);
    },
    isIdentitySignature(signature) {
      write(arena.sum, signature);
      return module._mclBnG2_isZero(arena.sum) === 1;
    },
    sumSignatures: (signatures) => sum(g2, signatures),
    weightedSignatures: (signatures, weights) => weighted(g2, signatures, weights),
    proofs: {
      decodeOnCurve(bytes) {
        curve.decode(arena.sum, bytes);
        return read(arena.sum, SIZE.g2);
      },
      isInSubgroup(signature) {
        write(arena.sum, signature);
        return curve.isInSubgroup(arena.sum);
      },
      weightedSignatures: (signatures, weights) =>
        curve.provenSum(arena.sum, signatures, weights) ? normalized(g2) : undefined,
    },

    mapMessage: (message, domain) => (mapMessage(message, domain) ? normalized(g2) : undefined),
    sign(message, secretKey) {
      write(arena.term, message);
      multiplyBySecret(module._mclBnG2_mulCT, secretKey);
      return normalized(g2);
    },
    verify(signature, message, key) {
      write(arena.g1, key);
      write(arena.g1 + SIZE.g1, negatedGenerator);
      write(arena.g2, message);
      write(arena.g2 + SIZE.g2, signature);
      module._mclBn_millerLoopVec(arena.gt, arena.g1, arena.g2, 2);
      module._mclBn_finalExp(arena.gt, arena.gt);
      return module._mclBnGT_isOne(arena.gt) === 1;
    },
  };
}

/** Options of {@link createWasmBls}. */
export interface WasmBlsOptions extends BlsOptions {
  /** Which ciphersuite; `harmony` when left out. */
  readonly suite?: BlsSuite;
}

/**
 * Creates a ciphersuite on a private WebAssembly instance.
 *
 * Each call compiles and keeps one module of 2 MiB; only a message of the `ietf` suite that is longer
 * than that makes it grow. Share the value. The instance is freed with the value.
 *
 * @throws {@link BlsError} `bls/out-of-range` for a bad cache size. An `Error` when the platform has
 *   no WebAssembly.
 * @example const bls = await createWasmBls({ cachedPublicKeys: 1000 })
 */
export async function createWasmBls(options: WasmBlsOptions = {}): Promise<Bls> {
  const { module, arena } = await openModule();
  const suite = options.suite === 'ietf' ? ietfSuite(module, arena) : harmonySuite(module, arena);
  return createBls(mclBackend(module, arena, suite), options);
}
