/**
 * Account files (Web3 secret storage, version 3): a secret key under a password, AES-128-CTR with a
 * Keccak MAC over the ciphertext. Written with scrypt; read with scrypt or PBKDF2. Cost and shape
 * of a file are judged before anything is derived, and the MAC before anything is decrypted.
 *
 * @source harmony/accounts/keystore/passphrase.go: EncryptDataV3, DecryptDataV3
 */
import { addressOfPublicKey, type Engine, nobleEngine } from '@polyphony/crypto';
import {
  type Address,
  bytesToPlainHex,
  concatBytes,
  isProtocolError,
  keccak256,
  parseAddress,
} from '@polyphony/primitives';
import { loadCipher } from './cipher.js';
import { AccountsError } from './errors.js';
import { asObject, hexField, numberField, ownField, parseFile, textField } from './fields.js';
import {
  assertPbkdf2Cost,
  assertScryptCost,
  derivePbkdf2,
  deriveScrypt,
  type OnProgress,
  type Pbkdf2Parameters,
  type ScryptCost,
  type ScryptParameters,
  writtenScryptCost,
} from './kdf.js';
import { constantTimeEqual, draw, platformRandomBytes, type RandomBytes, wipe } from './secret.js';

/** An account file as JSON data. Byte strings are hexadecimal without 0x. */
export interface Keystore {
  readonly version: 3;
  readonly id: string;
  readonly address: string;
  readonly crypto: {
    readonly cipher: 'aes-128-ctr';
    readonly cipherparams: { readonly iv: string };
    readonly ciphertext: string;
    readonly kdf: 'scrypt';
    readonly kdfparams: {
      readonly n: number;
      readonly r: number;
      readonly p: number;
      readonly dklen: 32;
      readonly salt: string;
    };
    readonly mac: string;
  };
}

/** Options of {@link encryptKeystore}. */
export interface EncryptKeystoreOptions {
  /** Default n 2^18, r 8, p 1: 256 MiB. */
  readonly cost?: ScryptCost;
  /** Default the platform's generator. */
  readonly random?: RandomBytes;
  readonly engine?: Engine;
  readonly onProgress?: OnProgress;
}

/** Options of {@link decryptKeystore}. */
export interface DecryptKeystoreOptions {
  readonly engine?: Engine;
  readonly onProgress?: OnProgress;
}

type Derivation =
  | ({ readonly kdf: 'scrypt'; readonly length: number } & ScryptParameters)
  | ({ readonly kdf: 'pbkdf2'; readonly length: number } & Pbkdf2Parameters);

function invalid(reason: string): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-keystore', reason });
}

function unsupported(what: string, value: string): AccountsError {
  return new AccountsError({
    code: 'accounts/unsupported-keystore',
    what,
    value: value.slice(0, 40),
  });
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak256(concatBytes(derived.subarray(16, 32), ciphertext));
}

function addressOf(secretKey: Uint8Array, engine: Engine): Address {
  return addressOfPublicKey(engine.getPublicKey(secretKey), engine);
}

/** A random UUID, version 4. */
function uuid(bytes: Uint8Array): string {
  const marked = Uint8Array.from(bytes);
  marked[6] = (marked[6]! & 0x0f) | 0x40;
  marked[8] = (marked[8]! & 0x3f) | 0x80;
  const hex = bytesToPlainHex(marked);
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join('-');
}

/**
 * Puts a secret key under a password.
 *
 * @param secretKey - 32 bytes; not kept.
 * @param password - Text is taken as UTF-8, unchanged.
 * @returns JSON data: `JSON.stringify` makes the file.
 * @throws {@link AccountsError} `accounts/invalid-secret-key`, `accounts/invalid-option`,
 * `accounts/kdf-too-costly`.
 * @source harmony/accounts/keystore/passphrase.go: EncryptDataV3
 */
export async function encryptKeystore(
  secretKey: Uint8Array,
  password: string | Uint8Array,
  options: EncryptKeystoreOptions = {},
): Promise<Keystore> {
  const { random = platformRandomBytes, engine = nobleEngine, onProgress } = options;
  if (secretKey.length !== 32 || !engine.isValidSecretKey(secretKey)) {
    throw new AccountsError({
      code: 'accounts/invalid-secret-key',
      reason: 'a secret key has 32 bytes and is at least 1 and below the order of the curve',
    });
  }
  const key = Uint8Array.from(secretKey);
  try {
    const cost = writtenScryptCost(options.cost);
    const [salt, iv, id] = [draw(random, 32), draw(random, 16), draw(random, 16)];
    const address = addressOf(key, engine);
    const derived = await deriveScrypt(password, { ...cost, salt }, 32, onProgress);
    const { ctr } = await loadCipher();
    const ciphertext = ctr(derived.subarray(0, 16), iv).encrypt(key);
    const mac = macOf(derived, ciphertext);
    wipe(derived);
    return {
      version: 3,
      id: uuid(id),
      address: address.slice(2),
      crypto: {
        cipher: 'aes-128-ctr',
        cipherparams: { iv: bytesToPlainHex(iv) },
        ciphertext: bytesToPlainHex(ciphertext),
        kdf: 'scrypt',
        kdfparams: { ...cost, dklen: 32, salt: bytesToPlainHex(salt) },
        mac: bytesToPlainHex(mac),
      },
    };
  } finally {
    wipe(key);
  }
}

function readDerivation(kdf: string, parameters: object): Derivation {
  const length = numberField(parameters, 'dklen', invalid);
  if (!Number.isInteger(length) || length < 32 || length > 64)
    throw invalid('dklen must be from 32 to 64');
  const salt = hexField(parameters, 'salt', 0, 1024, invalid);
  if (kdf === 'scrypt') {
    const cost = {
      n: numberField(parameters, 'n', invalid),
      r: numberField(parameters, 'r', invalid),
      p: numberField(parameters, 'p', invalid),
    };
    assertScryptCost(cost, invalid);
    return { kdf, length, salt, ...cost };
  }
  if (kdf === 'pbkdf2') {
    const prf = textField(parameters, 'prf', invalid);
    if (prf !== 'hmac-sha256') throw unsupported('prf', prf);
    const iterations = numberField(parameters, 'c', invalid);
    assertPbkdf2Cost(iterations, invalid);
    return { kdf, length, salt, iterations };
  }
  throw unsupported('kdf', kdf);
}

/** Older wallets write the member with a capital. */
function cryptoOf(file: object): object {
  const [lower, upper] = [ownField(file, 'crypto'), ownField(file, 'Crypto')];
  if (lower !== undefined && upper !== undefined) throw invalid('crypto occurs twice');
  return asObject(lower ?? upper, 'crypto', invalid);
}

function readAddress(file: object): Address | undefined {
  const value = ownField(file, 'address');
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid('address must be text');
  try {
    return /^[0-9a-fA-F]{40}$/.test(value)
      ? parseAddress(`0x${value.toLowerCase()}`)
      : parseAddress(value);
  } catch (error) {
    throw isProtocolError(error) ? invalid('address is not an address') : error;
  }
}

/** What a file says, after every check that needs no password. @internal */
export interface KeystoreContent {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly mac: Uint8Array;
  readonly stated: Address | undefined;
  readonly derivation: Derivation;
}

/**
 * Reads an account file up to the point where the password is needed.
 *
 * @throws {@link AccountsError} `accounts/invalid-keystore`, `accounts/unsupported-keystore`,
 * `accounts/kdf-too-costly`.
 * @internal
 */
export function readKeystore(keystore: string | object): KeystoreContent {
  const file =
    typeof keystore === 'string'
      ? parseFile(keystore, invalid)
      : asObject(keystore, 'the file', invalid);
  const version = ownField(file, 'version');
  if (version !== 3) {
    if (typeof version !== 'number' && typeof version !== 'string')
      throw invalid('version must be 3');
    throw unsupported('version', String(version));
  }
  const section = cryptoOf(file);
  const cipher = textField(section, 'cipher', invalid);
  if (cipher !== 'aes-128-ctr') throw unsupported('cipher', cipher);
  const cipherParameters = asObject(ownField(section, 'cipherparams'), 'cipherparams', invalid);
  const iv = hexField(cipherParameters, 'iv', 16, 16, invalid);
  const ciphertext = hexField(section, 'ciphertext', 1, 32, invalid);
  const mac = hexField(section, 'mac', 32, 32, invalid);
  const stated = readAddress(file);
  const derivation = readDerivation(
    textField(section, 'kdf', invalid),
    asObject(ownField(section, 'kdfparams'), 'kdfparams', invalid),
  );
  return { iv, ciphertext, mac, stated, derivation };
}

/**
 * The secret key inside an account file. The caller wipes it.
 *
 * Keys of fewer than 32 bytes, which some wallets wrote without their leading zeros, are filled up
 * at the front.
 *
 * @param keystore - The file's text, or its JSON data.
 * @returns 32 bytes.
 * @throws {@link AccountsError} before deriving: `accounts/invalid-keystore`,
 * `accounts/unsupported-keystore`, `accounts/kdf-too-costly`; after: `accounts/wrong-password`,
 * `accounts/invalid-secret-key`, `accounts/address-mismatch`.
 * @source harmony/accounts/keystore/passphrase.go: DecryptKey, DecryptDataV3
 */
export async function decryptKeystore(
  keystore: string | object,
  password: string | Uint8Array,
  options: DecryptKeystoreOptions = {},
): Promise<Uint8Array> {
  const { engine = nobleEngine, onProgress } = options;
  const { iv, ciphertext, mac, stated, derivation } = readKeystore(keystore);
  const derived =
    derivation.kdf === 'scrypt'
      ? await deriveScrypt(password, derivation, derivation.length, onProgress)
      : await derivePbkdf2(password, derivation, derivation.length);
  const secretKey = new Uint8Array(32);
  try {
    if (!constantTimeEqual(macOf(derived, ciphertext), mac))
      throw new AccountsError({ code: 'accounts/wrong-password' });
    const { ctr } = await loadCipher();
    const plain = ctr(derived.subarray(0, 16), iv).decrypt(ciphertext);
    secretKey.set(plain, 32 - plain.length);
    wipe(plain);
    if (!engine.isValidSecretKey(secretKey)) {
      throw new AccountsError({
        code: 'accounts/invalid-secret-key',
        reason: 'the file holds no usable secret key',
      });
    }
    const actual = addressOf(secretKey, engine);
    if (stated !== undefined && stated !== actual)
      throw new AccountsError({ code: 'accounts/address-mismatch', expected: stated, actual });
    return secretKey;
  } catch (error) {
    wipe(secretKey);
    throw error;
  } finally {
    wipe(derived);
  }
}
