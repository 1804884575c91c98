/**
 * The WebAssembly module of mcl-wasm, driven directly.
 *
 * The package's own classes share one module per process, which another user of the package may
 * initialise for another curve. This file takes the package's module factory instead and makes a
 * private instance: nothing is shared between two calls. It knows addresses and lengths inside
 * that instance and nothing of signatures.
 *
 * Memory for values is taken once, when an instance is made. Points leave as copies of their limbs,
 * so they need no freeing.
 */
/** A C function of the library: addresses and lengths in, a status or a length out. */
type CFunction = (...args: readonly number[]) => number;

/** The part of the library's exports that is used. */
export interface MclModule {
  /** Re-created by the library when its memory moves: never kept. */
  readonly HEAP8: Int8Array;
  /** The C stack grows down from here. */
  readonly stackSave: () => number;
  readonly _malloc: CFunction;
  readonly _free: CFunction;
  readonly _mclBn_init: CFunction;
  readonly _mclBn_setETHserialization: CFunction;
  readonly _mclBn_setMapToMode: CFunction;
  readonly _mclBn_verifyOrderG1: CFunction;
  readonly _mclBn_millerLoopVec: CFunction;
  readonly _mclBn_finalExp: CFunction;
  readonly _mclBnGT_isOne: CFunction;
  readonly _mclBnFr_deserialize: CFunction;
  readonly _mclBnFr_setLittleEndian: CFunction;
  readonly _mclBnFr_clear: CFunction;
  readonly _mclBnFp_add: CFunction;
  readonly _mclBnFp_inv: CFunction;
  readonly _mclBnFp_isEqual: CFunction;
  readonly _mclBnFp_isNegative: CFunction;
  readonly _mclBnFp_isOdd: CFunction;
  readonly _mclBnFp_isZero: CFunction;
  readonly _mclBnFp_mul: CFunction;
  readonly _mclBnFp_neg: CFunction;
  readonly _mclBnFp_powArray: CFunction;
  readonly _mclBnFp_setInt32: CFunction;
  readonly _mclBnFp_setLittleEndian: CFunction;
  readonly _mclBnFp_sqr: CFunction;
  readonly _mclBnFp_mapToG1: CFunction;
  readonly _mclBnFp2_add: CFunction;
  readonly _mclBnFp2_clear: CFunction;
  readonly _mclBnFp2_mapToG2: CFunction;
  readonly _mclBnFp2_mul: CFunction;
  readonly _mclBnFp2_neg: CFunction;
  readonly _mclBnFp2_sqr: CFunction;
  readonly _mclBnG1_deserialize: CFunction;
  readonly _mclBnG1_serialize: CFunction;
  readonly _mclBnG1_isZero: CFunction;
  readonly _mclBnG1_neg: CFunction;
  readonly _mclBnG1_add: CFunction;
  readonly _mclBnG1_normalize: CFunction;
  readonly _mclBnG1_mulCT: CFunction;
  readonly _mclBnG1_mulVec: CFunction;
  readonly _mclBnG2_serialize: CFunction;
  readonly _mclBnG2_hashAndMapToWithDst: CFunction;
  readonly _mclBnG2_isValidOrder: CFunction;
  readonly _mclBnG2_isZero: CFunction;
  readonly _mclBnG2_add: CFunction;
  readonly _mclBnG2_dbl: CFunction;
  readonly _mclBnG2_neg: CFunction;
  readonly _mclBnG2_normalize: CFunction;
  readonly _mclBnG2_mulCT: CFunction;
  readonly _mclBnG2_mulVec: CFunction;
}

/** Bytes of one Fp, Fr, G1, G2 and GT value in the module's memory. */
export const SIZE = { fp: 48, fr: 32, g1: 144, g2: 288, gt: 576 } as const;

/** How much of the C stack is wiped after work on a secret; that work uses far less. */
export const STACK_WIPE: number = 64 << 10;

/** Points that one multi-scalar call takes; longer batches go in several. */
export const CHUNK = 256;

/** Room for one input or output of bytes. */
export const BYTES = 512;

/** Where this instance keeps its values. */
export interface Arena {
  /** Two G1 values side by side, and room for {@link CHUNK}. */
  readonly g1: number;
  /** Two G2 values side by side, and room for {@link CHUNK}. */
  readonly g2: number;
  readonly scalars: number;
  /** A running sum of either group. */
  readonly sum: number;
  /** One more value of either group. */
  readonly term: number;
  readonly fp2: number;
  readonly gt: number;
  /** {@link BYTES} bytes. */
  readonly bytes: number;
}

/** The library's number for BLS12-381 and the layout it was compiled for: 4 and 6 words. */
const BLS12_381 = 5;
const COMPILED_LAYOUT = 46;

function layOut(module: MclModule): Arena {
  const sizes: Readonly<Record<keyof Arena, number>> = {
    g1: CHUNK * SIZE.g1,
    g2: CHUNK * SIZE.g2,
    scalars: CHUNK * SIZE.fr,
    sum: SIZE.g2,
    term: SIZE.g2,
    fp2: 2 * SIZE.fp,
    gt: SIZE.gt,
    bytes: BYTES,
  };
  const names = Object.keys(sizes) as (keyof Arena)[];
  let at = module._malloc(names.reduce((total, name) => total + sizes[name], 0));
  if (at === 0) throw new Error('mcl-wasm has no memory left');
  const places: Partial<Record<keyof Arena, number>> = {};
  for (const name of names) {
    places[name] = at;
    at += sizes[name];
  }
  return places as Arena;
}

/** A private instance of the library, initialised for BLS12-381, and its memory. */
export async function openModule(): Promise<{ readonly module: MclModule; readonly arena: Arena }> {
  // Loaded on demand, so that a bundler can keep its 600 kB out of the first script.
  const { default: createModule } = await import('mcl-wasm/dist/mcl_c.js');
  const module = (await createModule({
    cryptoGetRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes),
  })) as MclModule;
  const status = module._mclBn_init(BLS12_381, COMPILED_LAYOUT);
  if (status !== 0) throw new Error(`mcl-wasm did not initialise: status ${status}`);
  return { module, arena: layOut(module) };
}
