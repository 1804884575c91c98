/**
 * An engine on the WebAssembly builds of libsecp256k1 and Keccak that the optional peer `ox` carries.
 *
 * It takes the raw functions and installs nothing: code that uses `ox` elsewhere keeps its own
 * engine. Loading compiles two modules; all calls after that are synchronous.
 */
import {
  assertDigest,
  assertRecoverableSignature,
  assertSecretKey,
  isSecretKeyInRange,
  isVerifiable,
  lowS,
  noPublicKey,
} from './checks.js';
import type { Engine, RecoverableSignature, Signature, SignatureOptions } from './engine.js';
import { CryptoError } from './errors.js';
import { fromRecovered, recoveredWriter, toCompact } from './layout.js';

type Modules = readonly [typeof import('ox/wasm/Secp256k1'), typeof import('ox/wasm/Hash')];

async function loadModules(): Promise<{
  readonly curve: Awaited<ReturnType<Modules[0]['engine']>>;
  readonly hash: Awaited<ReturnType<Modules[1]['engine']>>;
}> {
  try {
    const [secp256k1, hashes] = await Promise.all([
      import('ox/wasm/Secp256k1'),
      import('ox/wasm/Hash'),
    ]);
    const [curve, hash] = await Promise.all([secp256k1.engine(), hashes.engine()]);
    return { curve, hash };
  } catch (cause) {
    throw new CryptoError({ code: 'crypto/engine-unavailable', engine: 'wasm' }, { cause });
  }
}

/**
 * Loads the WebAssembly engine: the same answers as `nobleEngine`, many times faster.
 *
 * @throws {@link CryptoError} `crypto/engine-unavailable` when the peer `ox` is not installed or the
 * platform refuses WebAssembly.
 * @example
 * const engine = await createWasmEngine()
 */
export async function createWasmEngine(): Promise<Engine> {
  const { curve, hash } = await loadModules();
  const toRecovered = recoveredWriter();
  return {
    name: 'wasm',
    keccak256: hash.keccak256,
    isValidSecretKey: isSecretKeyInRange,

    getPublicKey(secretKey: Uint8Array): Uint8Array {
      assertSecretKey(secretKey);
      return curve.getPublicKey(secretKey);
    },

    signDigest(digest: Uint8Array, secretKey: Uint8Array): RecoverableSignature {
      assertDigest(digest);
      assertSecretKey(secretKey);
      return fromRecovered(curve.sign(digest, secretKey, { prehash: false, extraEntropy: false }));
    },

    recoverPublicKey(
      digest: Uint8Array,
      signature: RecoverableSignature,
      options?: SignatureOptions,
    ): Uint8Array {
      assertDigest(digest);
      assertRecoverableSignature(signature, options);
      try {
        return curve.recoverPublicKey(toRecovered(signature), digest);
      } catch (cause) {
        throw noPublicKey(cause);
      }
    },

    // The library refuses a high s; whether it is allowed was decided before.
    verifyDigest(
      digest: Uint8Array,
      signature: Signature,
      publicKey: Uint8Array,
      options?: SignatureOptions,
    ): boolean {
      return (
        isVerifiable(digest, signature, publicKey, options) &&
        curve.verify(toCompact(signature, lowS(signature.s)), digest, publicKey, { prehash: false })
      );
    },
  };
}
