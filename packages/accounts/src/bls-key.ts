/**
 * BLS keys of validators: making one whose shard is wanted, and naming the shard of a public key.
 * The curve itself comes from outside as a port: any `Bls` of `@polyphony/bls` fits it.
 *
 * @source harmony/shard/committee/assignment.go; go-sdk/pkg/keys/bls.go: blsKeyMatchesShardID
 */
import { assertLength } from '@polyphony/primitives';
import { AccountsError, invalidOption } from './errors.js';
import { concealed, draw, platformRandomBytes, type RandomBytes, wipe } from './secret.js';

/** What this package needs of a BLS implementation. */
export interface BlsKeys {
  /** 48 bytes. */
  getPublicKey(secretKey: Uint8Array): Uint8Array;
  /** Whether 32 bytes are a secret key of the suite. */
  isValidSecretKey(bytes: Uint8Array): boolean;
}

/** A BLS key pair. The secret key is not printed with the object. */
export interface BlsKeyPair {
  /** 48 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes in the suite's own order; the caller wipes them. */
  readonly secretKey: Uint8Array;
}

/**
 * The shard in which a BLS key may vote: the 48 bytes as one big-endian integer, modulo the number
 * of shards.
 *
 * @throws {@link AccountsError} `accounts/invalid-option` for a number of shards that is not one.
 * @source harmony/crypto/bls/bls.go: SerializedPublicKey.Big; shard/committee/assignment.go
 */
export function shardOfBlsKey(publicKey: Uint8Array, shardCount: number): number {
  assertLength(publicKey, 48, 'BLS public key');
  if (!Number.isInteger(shardCount) || shardCount < 1 || shardCount > 0xffff)
    throw invalidOption(`the number of shards must be from 1 to 65535, got ${shardCount}`);
  let rest = 0;
  for (const byte of publicKey) rest = (rest * 256 + byte) % shardCount;
  return rest;
}

/** Options of {@link generateBlsKey}. */
export interface GenerateBlsKeyOptions {
  readonly bls: BlsKeys;
  /** The shard the key shall belong to. Left out: any. */
  readonly shardId?: number;
  /** Number of shards of the network; needed with `shardId`. */
  readonly shardCount?: number;
  /** Default the platform's generator. */
  readonly random?: RandomBytes;
}

/** Draws per key until the bytes are below the order; one in two is. */
const DRAWS = 256;
/** Keys per shard; the chance to miss with 64 times the number of shards is below 10^-27. */
const KEYS_PER_SHARD = 64;

function drawSecretKey(bls: BlsKeys, random: RandomBytes): Uint8Array {
  for (let i = 0; i < DRAWS; i++) {
    const candidate = draw(random, 32);
    if (bls.isValidSecretKey(candidate)) return candidate;
    wipe(candidate);
  }
  throw invalidOption('the random source gives no usable key');
}

/**
 * A new random BLS key, on request one of a shard.
 *
 * @throws {@link AccountsError} `accounts/invalid-option`, `accounts/no-key-for-shard`.
 * @source harmony/crypto/bls/bls.go: RandPrivateKey; go-sdk/pkg/keys/bls.go: GenBlsKeys
 * @example generateBlsKey({ bls: harmonyBls(), shardId: 1, shardCount: 2 })
 */
export function generateBlsKey(options: GenerateBlsKeyOptions): BlsKeyPair {
  const { bls, shardId, shardCount = 1, random = platformRandomBytes } = options;
  if (shardId !== undefined) {
    if (options.shardCount === undefined) throw invalidOption('shardId needs shardCount');
    if (!Number.isInteger(shardId) || shardId < 0 || shardId >= shardCount)
      throw invalidOption(`shardId must be below ${shardCount}, got ${shardId}`);
  }
  const attempts = KEYS_PER_SHARD * shardCount;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const secretKey = drawSecretKey(bls, random);
    const publicKey = bls.getPublicKey(secretKey);
    if (shardId === undefined || shardOfBlsKey(publicKey, shardCount) === shardId)
      return concealed({ publicKey }, { secretKey }, 'BlsKeyPair');
    wipe(secretKey);
  }
  throw new AccountsError({
    code: 'accounts/no-key-for-shard',
    shardId: shardId ?? 0,
    attempts,
  });
}
