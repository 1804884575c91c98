/**
 * bls-eth-wasm in the network's mode: a reference for tests that shares no code with the engines.
 *
 * The order of the settings matters. Its classes hash with SHA-512 before signing, so the C
 * functions without that step are called directly. The instance is private to the caller.
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
interface Module {
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
  readonly mod: Module;
  readonly SecretKey: new () => Secret;
  readonly PublicKey: new () => Value;
  readonly Signature: new () => Value;
  init(curve: number): Promise<void>;
  setETHserialiation(on: boolean): void;
  setMapToMode(mode: number): void;
  setETHmode(mode: number): void;
  setGeneratorOfPublicKey(key: Value): void;
}

/** The reference. */
export interface Oracle {
  getPublicKey(secretKey: Uint8Array): Uint8Array;
  /** `undefined` when the message has no curve point. */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array | undefined;
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

const GENERATOR =
  'e500361ff315734cccd8f9b721ec159995e9e622be17afd41ac2f037a583e81b98c2320e0bf853a8f929e89e3d8ff504';

/** A private instance of the reference. */
export async function openOracle(): Promise<Oracle> {
  const require = createRequire(import.meta.url);
  const factory = require('bls-eth-wasm/src/bls.js') as (createModule: unknown) => Library;
  const library = factory(require('bls-eth-wasm/src/bls_c.js'));
  await library.init(library.BLS12_381);
  library.setETHserialiation(false);
  library.setMapToMode(0);
  library.setETHmode(0);
  const decode = <T extends Value>(kind: new () => T, bytes: Uint8Array): T => {
    const value = new kind();
    value.deserialize(bytes);
    return value;
  };
  library.setGeneratorOfPublicKey(
    decode(library.PublicKey, Uint8Array.from(Buffer.from(GENERATOR, 'hex'))),
  );
  const { mod } = library;
  const onStack = <T>(work: () => T): T => {
    const at = mod.stackSave();
    try {
      return work();
    } finally {
      mod.stackRestore(at);
    }
  };
  return {
    getPublicKey: (secretKey) => decode(library.SecretKey, secretKey).getPublicKey().serialize(),
    sign: (message, secretKey) =>
      onStack(() => {
        const signature = new library.Signature();
        const at = mod.sallocCopy(signature.a_);
        const secret = mod.sallocCopy(decode(library.SecretKey, secretKey).a_);
        const status = mod._blsSignHash(at, secret, mod.sallocBytes(message), message.length);
        if (status !== 0) return undefined;
        mod.copyFromHeap32(signature.a_, at);
        return signature.serialize();
      }),
    verify: (signature, message, publicKey) =>
      onStack(() => {
        const first = mod.sallocCopy(decode(library.Signature, signature).a_);
        const second = mod.sallocCopy(decode(library.PublicKey, publicKey).a_);
        return mod._blsVerifyHash(first, second, mod.sallocBytes(message), message.length) === 1;
      }),
  };
}
