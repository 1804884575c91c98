/**
 * Files that hold a validator's BLS secret key. The network's own format encrypts with a hash of
 * the passphrase that costs nothing to try: it is read, with a warning, and never written. Files
 * written here use scrypt and bind the public key, which stays readable.
 *
 * @source harmony/internal/blsgen/lib.go: LoadBLSKeyWithPassPhrase, encrypt, decrypt, createHash
 */
import {
  bytesToPlainHex,
  concatBytes,
  equalBytes,
  hexToBytes,
  utf8ToBytes,
} from '@polyphony/primitives';
import type { BlsKeys } from './bls-key.js';
import { type Cipher, loadCipher } from './cipher.js';
import { AccountsError } from './errors.js';
import { asObject, hexField, numberField, ownField, parseFile, textField } from './fields.js';
import {
  assertScryptCost,
  deriveScrypt,
  type OnProgress,
  passwordBytes,
  type ScryptCost,
  writtenScryptCost,
} from './kdf.js';
import { concealed, draw, platformRandomBytes, type RandomBytes, wipe } from './secret.js';

/** What a reader should know about a file that could be read. */
export type BlsKeyFileWarning =
  /** The old format: trying passphrases costs an attacker nothing. Write the key anew. */
  | 'passphrase-not-stretched'
  /** The old format, encrypted with the empty passphrase. */
  | 'empty-passphrase'
  /** The passphrase only fits without white space around (or tabs inside) it. */
  | 'passphrase-trimmed'
  /** Nothing to compare the public key with was given. */
  | 'public-key-not-checked';

/** A key read from a file. The secret key is not printed with the object. */
export interface BlsKeyFileContent {
  readonly format: 'scrypt' | 'legacy' | 'legacy-binary';
  /** 48 bytes: what the file states or what was expected; undefined when neither. */
  readonly publicKey: Uint8Array | undefined;
  readonly warnings: readonly BlsKeyFileWarning[];
  /** 32 bytes; the caller wipes them. */
  readonly secretKey: Uint8Array;
}

/** Options of {@link readBlsKeyFile}. */
export interface ReadBlsKeyFileOptions {
  /** Computes the public key, so that it can be compared. */
  readonly bls?: BlsKeys;
  /** The key the file should hold: for the old format, the 96 digits of the file's name. */
  readonly publicKey?: Uint8Array;
  readonly onProgress?: OnProgress;
}

const FILE_TYPE = 'polyphony-bls-key';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_BYTES = 32;
const PUBLIC_KEY_BYTES = 48;
/** Nonce, the 64 digits of the key, tag. */
const LEGACY_BYTES: number = NONCE_BYTES + 2 * SECRET_BYTES + TAG_BYTES;

function invalid(reason: string): AccountsError {
  return new AccountsError({ code: 'accounts/invalid-key-file', reason });
}

type Md5 = (message: Uint8Array) => Uint8Array;

/** The old format's AES key: the digits of the passphrase's MD5, as text. */
function legacyKey(passphrase: Uint8Array, md5: Md5): Uint8Array {
  return utf8ToBytes(bytesToPlainHex(md5(passphrase)));
}

function legacyDecrypt(
  { gcm }: Cipher,
  md5: Md5,
  box: Uint8Array,
  passphrase: Uint8Array,
): Uint8Array | undefined {
  const key = legacyKey(passphrase, md5);
  try {
    return gcm(key, box.subarray(0, NONCE_BYTES)).decrypt(box.subarray(NONCE_BYTES));
  } catch {
    return undefined;
  } finally {
    wipe(key);
  }
}

/** The passphrases a node or its tools would try: as given, trimmed, without tabs. */
function legacyPassphrases(passphrase: string | Uint8Array): readonly Uint8Array[] {
  if (typeof passphrase !== 'string') return [passwordBytes(passphrase)];
  const trimmed = passphrase.trim();
  return [...new Set([passphrase, trimmed, trimmed.replaceAll('\t', '')])].map(passwordBytes);
}

/** The digits of a secret key, as text, to its bytes. */
function parseSecretDigits(plain: Uint8Array): Uint8Array {
  const digits = new TextDecoder('latin1').decode(plain);
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw invalid('the file holds no secret key');
  return hexToBytes(digits);
}

interface Opened {
  readonly format: BlsKeyFileContent['format'];
  readonly secretKey: Uint8Array;
  readonly statedPublicKey: Uint8Array | undefined;
  readonly warnings: readonly BlsKeyFileWarning[];
}

/**
 * What a file of the old format may be: its text as digits, its bytes as they are.
 *
 * @throws {@link AccountsError} `accounts/invalid-key-file`.
 * @internal
 */
export function legacyBoxes(
  content: string | Uint8Array,
): (readonly [Opened['format'], Uint8Array])[] {
  const candidates: (readonly [Opened['format'], Uint8Array])[] = [];
  const text = typeof content === 'string' ? content : new TextDecoder('latin1').decode(content);
  const digits = text.trim();
  if (new RegExp(`^[0-9a-fA-F]{${2 * LEGACY_BYTES}}$`).test(digits))
    candidates.push(['legacy', hexToBytes(digits)]);
  if (typeof content !== 'string' && content.length === LEGACY_BYTES)
    candidates.push(['legacy-binary', content]);
  if (candidates.length === 0) throw invalid('the file has none of the known forms');
  return candidates;
}

async function openLegacy(
  content: string | Uint8Array,
  passphrase: string | Uint8Array,
): Promise<Opened> {
  const candidates = legacyBoxes(content);
  const cipher = await loadCipher();
  const { md5 } = await import('@noble/hashes/legacy.js');
  const tries = legacyPassphrases(passphrase);
  try {
    for (const [format, box] of candidates) {
      for (const [index, secret] of tries.entries()) {
        const plain = legacyDecrypt(cipher, md5, box, secret);
        if (plain === undefined) continue;
        const secretKey = parseSecretDigits(plain);
        wipe(plain);
        const warnings: BlsKeyFileWarning[] = ['passphrase-not-stretched'];
        if (secret.length === 0) warnings.push('empty-passphrase');
        if (index > 0) warnings.push('passphrase-trimmed');
        return { format, secretKey, statedPublicKey: undefined, warnings };
      }
    }
  } finally {
    wipe(...tries);
  }
  throw new AccountsError({ code: 'accounts/wrong-password' });
}

/** What a file says, after every check that needs no passphrase. @internal */
export interface BlsKeyFileBox {
  readonly publicKey: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly nonce: Uint8Array;
  readonly salt: Uint8Array;
  readonly cost: ScryptCost;
}

/**
 * Reads a file of the new format up to the point where the passphrase is needed.
 *
 * @throws {@link AccountsError} `accounts/invalid-key-file`, `accounts/kdf-too-costly`.
 * @internal
 */
export function readBlsKeyFileBox(text: string): BlsKeyFileBox {
  const file = parseFile(text, invalid);
  if (ownField(file, 'type') !== FILE_TYPE) throw invalid(`type must be ${FILE_TYPE}`);
  if (ownField(file, 'version') !== 1) throw invalid('version must be 1');
  const publicKey = hexField(file, 'publicKey', PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES, invalid);
  const section = asObject(ownField(file, 'crypto'), 'crypto', invalid);
  if (textField(section, 'cipher', invalid) !== 'aes-256-gcm')
    throw invalid('cipher must be aes-256-gcm');
  if (textField(section, 'kdf', invalid) !== 'scrypt') throw invalid('kdf must be scrypt');
  const sealed = SECRET_BYTES + TAG_BYTES;
  const ciphertext = hexField(section, 'ciphertext', sealed, sealed, invalid);
  const nonce = hexField(section, 'nonce', NONCE_BYTES, NONCE_BYTES, invalid);
  const parameters = asObject(ownField(section, 'kdfparams'), 'kdfparams', invalid);
  const cost = {
    n: numberField(parameters, 'n', invalid),
    r: numberField(parameters, 'r', invalid),
    p: numberField(parameters, 'p', invalid),
  };
  assertScryptCost(cost, invalid);
  const salt = hexField(parameters, 'salt', 16, 64, invalid);
  return { publicKey, ciphertext, nonce, salt, cost };
}

async function openScrypt(
  text: string,
  passphrase: string | Uint8Array,
  onProgress: OnProgress | undefined,
): Promise<Opened> {
  const { publicKey, ciphertext, nonce, salt, cost } = readBlsKeyFileBox(text);
  const { gcm } = await loadCipher();
  const key = await deriveScrypt(passphrase, { ...cost, salt }, 32, onProgress);
  try {
    const secretKey = gcm(key, nonce, boundData(publicKey)).decrypt(ciphertext);
    return { format: 'scrypt', secretKey, statedPublicKey: publicKey, warnings: [] };
  } catch {
    throw new AccountsError({ code: 'accounts/wrong-password' });
  } finally {
    wipe(key);
  }
}

/** What the tag of a scrypt file covers beside the secret. */
function boundData(publicKey: Uint8Array): Uint8Array {
  return concatBytes(utf8ToBytes(`${FILE_TYPE}/1`), publicKey);
}

function assertSame(expected: Uint8Array, actual: Uint8Array): void {
  if (!equalBytes(expected, actual)) {
    throw new AccountsError({
      code: 'accounts/public-key-mismatch',
      expected: bytesToPlainHex(expected),
      actual: bytesToPlainHex(actual),
    });
  }
}

/**
 * Reads a BLS key file of either format.
 *
 * @param content - The file: text, or bytes (the old format may be raw binary).
 * @throws {@link AccountsError} `accounts/invalid-key-file`, `accounts/kdf-too-costly`,
 * `accounts/wrong-password`, `accounts/invalid-secret-key`, `accounts/public-key-mismatch`.
 * @source harmony/internal/blsgen/lib.go: LoadBLSKeyWithPassPhrase, decrypt
 * @example
 * const { secretKey, warnings } = await readBlsKeyFile(text, passphrase, { bls: harmonyBls() })
 */
export async function readBlsKeyFile(
  content: string | Uint8Array,
  passphrase: string | Uint8Array,
  options: ReadBlsKeyFileOptions = {},
): Promise<BlsKeyFileContent> {
  const { bls, publicKey: wanted, onProgress } = options;
  const first = typeof content === 'string' ? content.trimStart()[0] : undefined;
  const opening = first ?? (typeof content === 'string' ? '' : firstCharacter(content));
  const opened =
    opening === '{'
      ? await openScrypt(
          typeof content === 'string' ? content : new TextDecoder().decode(content),
          passphrase,
          onProgress,
        )
      : await openLegacy(content, passphrase);
  const { format, secretKey, statedPublicKey } = opened;
  try {
    if (wanted !== undefined && statedPublicKey !== undefined) assertSame(wanted, statedPublicKey);
    const expected = wanted ?? statedPublicKey;
    let publicKey = expected;
    const warnings = [...opened.warnings];
    if (bls !== undefined) {
      if (!bls.isValidSecretKey(secretKey)) {
        throw new AccountsError({
          code: 'accounts/invalid-secret-key',
          reason: 'the file holds no usable BLS secret key',
        });
      }
      publicKey = bls.getPublicKey(secretKey);
      if (expected !== undefined) assertSame(expected, publicKey);
    }
    if (bls === undefined || expected === undefined) warnings.push('public-key-not-checked');
    return concealed({ format, publicKey, warnings }, { secretKey }, 'BlsKeyFileContent');
  } catch (error) {
    wipe(secretKey);
    throw error;
  }
}

function firstCharacter(content: Uint8Array): string {
  return new TextDecoder('latin1').decode(content.subarray(0, 64)).trimStart()[0] ?? '';
}

/** Options of {@link writeBlsKeyFile}. */
export interface WriteBlsKeyFileOptions {
  /** Computes the public key that the file states. */
  readonly bls: BlsKeys;
  /** Default n 2^18, r 8, p 1: 256 MiB. */
  readonly cost?: ScryptCost;
  /** Default the platform's generator. */
  readonly random?: RandomBytes;
  readonly onProgress?: OnProgress;
}

/**
 * A BLS key file with scrypt and AES-256-GCM. Nodes of the network's own implementation do not read
 * it.
 *
 * @param secretKey - 32 bytes; not kept.
 * @returns The file's text.
 * @throws {@link AccountsError} `accounts/invalid-secret-key`, `accounts/invalid-option`,
 * `accounts/kdf-too-costly`.
 */
export async function writeBlsKeyFile(
  secretKey: Uint8Array,
  passphrase: string | Uint8Array,
  options: WriteBlsKeyFileOptions,
): Promise<string> {
  const { bls, random = platformRandomBytes, onProgress } = options;
  if (secretKey.length !== SECRET_BYTES || !bls.isValidSecretKey(secretKey)) {
    throw new AccountsError({
      code: 'accounts/invalid-secret-key',
      reason: 'a BLS secret key has 32 bytes and is at least 1 and below the order of the group',
    });
  }
  const secret = Uint8Array.from(secretKey);
  try {
    const cost = writtenScryptCost(options.cost);
    const [salt, nonce] = [draw(random, 32), draw(random, NONCE_BYTES)];
    const publicKey = bls.getPublicKey(secret);
    const { gcm } = await loadCipher();
    const key = await deriveScrypt(passphrase, { ...cost, salt }, 32, onProgress);
    const ciphertext = gcm(key, nonce, boundData(publicKey)).encrypt(secret);
    wipe(key);
    const file = {
      type: FILE_TYPE,
      version: 1,
      publicKey: bytesToPlainHex(publicKey),
      crypto: {
        cipher: 'aes-256-gcm',
        nonce: bytesToPlainHex(nonce),
        ciphertext: bytesToPlainHex(ciphertext),
        kdf: 'scrypt',
        kdfparams: { ...cost, salt: bytesToPlainHex(salt) },
      },
    };
    return `${JSON.stringify(file, null, 2)}\n`;
  } finally {
    wipe(secret);
  }
}
