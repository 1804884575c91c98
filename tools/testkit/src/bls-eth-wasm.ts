/**
 * bls-eth-wasm set to the network's own BLS mode: a reference that shares no code with our engines.
 *
 * The order of the settings matters, and the mode belongs to the whole instance, so a private one
 * is made. Its classes hash with SHA-512 before signing; the C functions without that step are
 * called directly. Malformed bytes throw its own errors.
 */
import { createRequire } from 'node:module';

interface Value {
  readonly a_: Uint32Array;
  deserialize(bytes: Uint8Array): void;
  serialize(): Uint8Array;
  add(other: Value): void;
}
interface Secret extends Value {
  getPublicKey(): Value;
}
interface WebAssemblyModule {
  stackSave(): number;
  stackRestore(at: number): void;
  sallocCopy(limbs: Uint32Array): number;
  sallocBytes(bytes: Uint8Array): number;
  copyFromHeap32(limbs: Uint32Array, at: number): void;
  _blsSignHash(signature: number, secret: number, message: number, length: number): number;
  _blsVerifyHash(signature: number, key: number, message: number, length: number): number;
}
interface Library {
  readonly BLS12_381: number;
  readonly mod: WebAssemblyModule;
  readonly SecretKey: new () => Secret;
  readonly PublicKey: new () => Value;
  readonly Signature: new () => Value;
  init(curve: number): Promise<void>;
  /** The misspelling is the library's. */
  setETHserialiation(on: boolean): void;
  setMapToMode(mode: number): void;
  setETHmode(mode: number): void;
  setGeneratorOfPublicKey(key: Value): void;
}

/** A decoded secret key, public key or signature of the library. */
export type DecodedValue = Value;

/** The reference on decoded values, for work that keeps its keys. */
export interface DecodedReference {
  secret(bytes: Uint8Array): DecodedValue;
  key(bytes: Uint8Array): DecodedValue;
  signature(bytes: Uint8Array): DecodedValue;
  sum(values: readonly DecodedValue[], kind: 'key' | 'signature'): DecodedValue;
  /** `undefined` when the message has no curve point. */
  sign(message: Uint8Array, secretKey: DecodedValue): Uint8Array | undefined;
  verify(signature: DecodedValue, message: Uint8Array, key: DecodedValue): boolean;
}

/** The reference, from bytes to bytes. */
export interface BlsReference {
  readonly decoded: DecodedReference;
  getPublicKey(secretKey: Uint8Array): Uint8Array;
  /** `undefined` when the message has no curve point. */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array | undefined;
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  aggregateSignatures(signatures: readonly Uint8Array[]): Uint8Array;
  aggregatePublicKeys(keys: readonly Uint8Array[]): Uint8Array;
}

/** The public key of the secret key 1. */
const GENERATOR =
  'e500361ff315734cccd8f9b721ec159995e9e622be17afd41ac2f037a583e81b98c2320e0bf853a8f929e89e3d8ff504';

/** Loads a private instance. */
export async function loadBlsReference(): Promise<BlsReference> {
  const require = createRequire(import.meta.url);
  const factory = require('bls-eth-wasm/src/bls.js') as (createModule: unknown) => Library;
  const library = factory(require('bls-eth-wasm/src/bls_c.js'));
  await library.init(library.BLS12_381);
  library.setETHserialiation(false);
  library.setMapToMode(0);
  library.setETHmode(0);
  const { mod, SecretKey, PublicKey, Signature } = library;

  const decode = <T extends Value>(kind: new () => T, bytes: Uint8Array): T => {
    const value = new kind();
    value.deserialize(bytes);
    return value;
  };
  const onStack = <T>(work: () => T): T => {
    const at = mod.stackSave();
    try {
      return work();
    } finally {
      mod.stackRestore(at);
    }
  };
  library.setGeneratorOfPublicKey(
    decode(PublicKey, Uint8Array.from(Buffer.from(GENERATOR, 'hex'))),
  );

  const decoded: DecodedReference = {
    secret: (bytes) => decode(SecretKey, bytes),
    key: (bytes) => decode(PublicKey, bytes),
    signature: (bytes) => decode(Signature, bytes),
    sum: (values, kind) => {
      const total = kind === 'key' ? new PublicKey() : new Signature();
      for (const value of values) total.add(value);
      return total;
    },
    sign: (message, secretKey) =>
      onStack(() => {
        const signature = new Signature();
        const at = mod.sallocCopy(signature.a_);
        const secret = mod.sallocCopy(secretKey.a_);
        const status = mod._blsSignHash(at, secret, mod.sallocBytes(message), message.length);
        if (status !== 0) return undefined;
        mod.copyFromHeap32(signature.a_, at);
        return signature.serialize();
      }),
    verify: (signature, message, key) =>
      onStack(() => {
        const first = mod.sallocCopy(signature.a_);
        const second = mod.sallocCopy(key.a_);
        return mod._blsVerifyHash(first, second, mod.sallocBytes(message), message.length) === 1;
      }),
  };
  const { key, signature, secret, sum } = decoded;
  return {
    decoded,
    getPublicKey: (bytes) => decode(SecretKey, bytes).getPublicKey().serialize(),
    sign: (message, secretKey) => decoded.sign(message, secret(secretKey)),
    verify: (bytes, message, publicKey) =>
      decoded.verify(signature(bytes), message, key(publicKey)),
    aggregateSignatures: (bytes) => sum(bytes.map(signature), 'signature').serialize(),
    aggregatePublicKeys: (bytes) => sum(bytes.map(key), 'key').serialize(),
  };
}
