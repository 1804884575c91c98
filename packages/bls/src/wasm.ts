/**
 * The network's ciphersuite on mcl-wasm: the C++ library of the network's nodes as WebAssembly.
 *
 * About five times faster than `harmonyBls` and equal to it in every byte and every answer. Works
 * in Node and in browsers (the module is text inside a script, no file is fetched); a page's content
 * security policy must allow `wasm-unsafe-eval`. `mcl-wasm` is an optional peer dependency, and its
 * version is fixed because this file calls the C functions of the module itself.
 *
 * @source harmony-bls/src/bls_c_impl.hpp
 */
import type { Backend } from './backend.js';
import type { Bls, BlsOptions } from './bls.js';
import { createBls } from './create-bls.js';
import { BlsError } from './errors.js';
import { harmonyEncoding } from './noble/encoding.js';
import { messageToField } from './noble/harmony-map.js';
import { type Arena, CHUNK, type MclModule, openModule, SIZE } from './wasm/module.js';

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

function mclBackend(module: MclModule, arena: Arena): Backend<Limbs, Limbs, Limbs> {
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

  // The generator is the map's image of the field element 1; verification wants it negated.
  module._mclBnFp_setInt32(arena.fp2, 1);
  module._mclBnFp_mapToG1(arena.sum, arena.fp2);
  module._mclBnG1_normalize(arena.sum, arena.sum);
  const generator = read(arena.sum, SIZE.g1);
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
        write(arena.bytes, Uint8Array.from(weights[from + i]!).reverse());
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
    }
  };

  /** Why the library refused a point whose coordinates are in range. */
  const refusal = (
    what: 'public key' | 'signature',
    checkOrder: (on: number) => number,
    retry: () => number,
  ): BlsError => {
    checkOrder(0);
    const onCurve = retry() !== 0;
    checkOrder(1);
    return new BlsError({ code: onCurve ? 'bls/not-in-subgroup' : 'bls/not-on-curve', what });
  };

  return {
    suite: 'harmony',
    engine: 'mcl-wasm',

    decodePublicKey(bytes) {
      write(arena.bytes, bytes);
      const decode = (): number =>
        module._mclBnG1_deserialize(arena.sum, arena.bytes, bytes.length);
      if (decode() !== bytes.length) {
        harmonyEncoding.decodePublicKey(bytes);
        throw refusal('public key', module._mclBn_verifyOrderG1, decode);
      }
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
      write(arena.bytes, bytes);
      const decode = (): number =>
        module._mclBnG2_deserialize(arena.sum, arena.bytes, bytes.length);
      if (decode() !== bytes.length) {
        harmonyEncoding.decodeSignature(bytes);
        throw refusal('signature', module._mclBn_verifyOrderG2, decode);
      }
      return read(arena.sum, SIZE.g2);
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

    mapMessage(message) {
      if (messageToField(message) === 0n) return undefined;
      const length = Math.min(message.length, SIZE.fp);
      write(arena.bytes, message.subarray(0, length));
      module._mclBnFp2_clear(arena.fp2);
      module._mclBnFp_setLittleEndian(arena.fp2, arena.bytes, length);
      module._mclBnFp2_mapToG2(arena.sum, arena.fp2);
      return normalized(g2);
    },
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

/**
 * Creates the network's ciphersuite on a private WebAssembly instance.
 *
 * Each call compiles and keeps one module: 2 MiB of memory, fixed. Share the value. The instance is
 * freed with the value.
 *
 * @throws {@link BlsError} `bls/out-of-range` for a bad cache size. An `Error` when the platform has
 *   no WebAssembly.
 * @example const bls = await createWasmBls({ cachedPublicKeys: 1000 })
 */
export async function createWasmBls(options?: BlsOptions): Promise<Bls> {
  const { module, arena } = await openModule();
  return createBls(mclBackend(module, arena), options);
}
