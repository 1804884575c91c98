/** The network's ciphersuite against the bytes of its own library and of its blocks. */
import {
  type BlsOptions,
  blsAddress,
  legacyPossessionMessage,
  shardOfBlsKey,
  verifyLegacyPossession,
} from '@polyphony/bls';
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { loadVectors } from '@polyphony/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Bls } from '../src/bls.js';
import { mapToCurve, messageToField } from '../src/noble/harmony-map.js';
import { codeOf, harmonyEngines, hex, text } from './engines.js';

interface KeyIn {
  readonly secretKey: string;
}
interface KeyOut {
  readonly publicKey: string;
  readonly address?: string;
}
const keys = loadVectors<KeyIn, KeyOut>(import.meta.url, 'harmony-keys', {
  in: ['secretKey'],
  out: ['publicKey', 'address'],
});
const map = loadVectors<
  { message: string },
  { fieldElement: string; candidate: number; point: string }
>(import.meta.url, 'harmony-map', { in: ['message'], out: ['fieldElement', 'candidate', 'point'] });
const sign = loadVectors<
  { secretKey: string; message: string },
  { publicKey: string; signature: string }
>(import.meta.url, 'harmony-sign', {
  in: ['secretKey', 'message'],
  out: ['publicKey', 'signature'],
});
const equal = loadVectors<{ a: string; b: string }, { same: boolean }>(
  import.meta.url,
  'harmony-equal-messages',
  { in: ['a', 'b'], out: ['same'] },
);
const verify = loadVectors<
  { publicKey: string; message: string; signature: string },
  { valid: boolean; valid2019?: boolean }
>(import.meta.url, 'harmony-verify', {
  in: ['publicKey', 'message', 'signature'],
  out: ['valid', 'valid2019'],
});
const decode = loadVectors<{ type: string; bytes: string }, { identity: boolean }>(
  import.meta.url,
  'harmony-decode',
  { in: ['type', 'bytes'], out: ['identity'] },
);
interface CommitIn {
  readonly publicKeys: readonly string[];
  readonly bitmap: string;
  readonly message: string;
  readonly signature: string;
}
interface CommitOut {
  readonly valid: boolean;
  readonly valid2019?: boolean;
  readonly signers?: number;
  readonly aggregatePublicKey?: string;
  readonly signatures?: readonly string[];
}
const commitFields = {
  in: ['publicKeys', 'bitmap', 'message', 'signature'],
  out: ['valid', 'valid2019', 'signers', 'aggregatePublicKey', 'signatures'],
};
const aggregate = loadVectors<CommitIn, CommitOut>(
  import.meta.url,
  'harmony-aggregate',
  commitFields,
);
const commits = loadVectors<CommitIn, CommitOut>(import.meta.url, 'mainnet-commits', commitFields);

/** Checks a commit as the network's nodes do: padding bits of the bitmap do not count. */
function checkCommit(bls: Bls, given: CommitIn, out: CommitOut, valid: boolean): void {
  const all = given.publicKeys.map(hex);
  const signers = bitmapIndices(hex(given.bitmap), all.length, { padding: 'ignore' });
  const signing = signers.map((i) => all[i]!);
  if (out.signers !== undefined) expect(signers.length).toBe(out.signers);
  if (out.aggregatePublicKey !== undefined && signing.length > 0) {
    expect(text(bls.aggregatePublicKeys(signing))).toBe(out.aggregatePublicKey);
  }
  if (out.signatures !== undefined && out.signatures.length > 0) {
    expect(text(bls.aggregateSignatures(out.signatures.map(hex)))).toBe(given.signature);
  }
  expect(bls.verifyAggregate(hex(given.signature), hex(given.message), signing)).toBe(valid);
}

test('the map: field element, candidate and the mapped point', () => {
  for (const { in: given, out } of map) {
    if (out === undefined) {
      expect(messageToField(hex(given.message))).toBe(0n);
      continue;
    }
    const t = messageToField(hex(given.message));
    expect(t.toString(16).padStart(96, '0')).toBe(out.fieldElement);
    expect(mapToCurve(t).candidate).toBe(out.candidate);
  }
});

test('the map of the worked example, before and after clearing the cofactor', () => {
  const { x, y, candidate } = mapToCurve(messageToField(legacyPossessionMessage()));
  expect(candidate).toBe(0);
  expect(x.c0).toBe(
    0x0178c4e99edbd19258cde10ed05a29788b0ebb5d268c8168b528bf55c50cea49249e974caf7c0a4057a31058a8503f44n,
  );
  expect(x.c1).toBe(
    0x06e7f2a0a20ddbe39069b6005e2f03d714e37fa8a936f2776817e245b1497d7582f2e5261c8bba553e5137a38a4964f9n,
  );
  expect(y.c0).toBe(
    0x0db2bd4ea45719dbb0ed21f62bf4583a6a5699cde2196bfe32b99736246e81bff8f7a54580ba5d09e8f0f99cd7bb9dd2n,
  );
  expect(y.c1).toBe(
    0x198c2233c4f48265eb5e329267d23812afa0349f4094f5a2aee8da52899a9eeaf345ada50177bfd829b747181118bf3bn,
  );
});

describe.each(harmonyEngines)('harmony on %s', (name, create) => {
  // Verification takes noble some 50 ms: there it is left to the vectors that need it.
  const quick = name !== 'noble';
  let bls: Bls;
  let of2019: Bls;
  beforeAll(async () => {
    const options: BlsOptions = {
      cachedPublicKeys: 400,
      cachedSignatures: 400,
      cachedMessages: 4,
    };
    bls = await create(options);
    of2019 = await create({ ...options, acceptIdentity: true });
  });

  test.each(keys)('key: $name', ({ in: given, out }) => {
    const publicKey = bls.getPublicKey(hex(given.secretKey));
    expect(text(publicKey)).toBe(out!.publicKey);
    expect(bls.isValidPublicKey(publicKey)).toBe(true);
    if (out!.address !== undefined) expect(blsAddress(publicKey)).toBe(out!.address);
  });

  test.each(map)('map: $name', ({ in: given, out, error }) => {
    const one = new Uint8Array(32);
    one[0] = 1;
    if (error !== undefined) expect(codeOf(() => bls.sign(hex(given.message), one))).toBe(error);
    else expect(text(bls.sign(hex(given.message), one))).toBe(out!.point);
  });

  test.each(sign)('sign: $name', ({ in: given, out }) => {
    const signature = bls.sign(hex(given.message), hex(given.secretKey));
    expect(text(signature)).toBe(out!.signature);
    expect(text(bls.getPublicKey(hex(given.secretKey)))).toBe(out!.publicKey);
    if (quick) expect(bls.verify(signature, hex(given.message), hex(out!.publicKey))).toBe(true);
  });

  test.each(equal)('one signature: $name', ({ in: given, out }) => {
    const secretKey = new Uint8Array(32).fill(1);
    const a = text(bls.sign(hex(given.a), secretKey));
    expect(a === text(bls.sign(hex(given.b), secretKey))).toBe(out!.same);
  });

  test.each(verify)('verify: $name', ({ in: given, out }) => {
    const [signature, message, publicKey] = [given.signature, given.message, given.publicKey].map(
      hex,
    );
    expect(bls.verify(signature!, message!, publicKey!)).toBe(out!.valid);
    if (quick || out!.valid2019 !== undefined) {
      expect(of2019.verify(signature!, message!, publicKey!)).toBe(out!.valid2019 ?? out!.valid);
    }
    if (quick && given.message === text(legacyPossessionMessage())) {
      expect(verifyLegacyPossession(bls, signature!, publicKey!)).toBe(out!.valid);
    }
  });

  test.each(decode)('decode: $name', ({ in: { type, bytes }, out, error }) => {
    const given = hex(bytes);
    const check = (engine: Bls, allowIdentity: boolean): string =>
      codeOf(() => {
        if (type === 'secretKey') engine.getPublicKey(given);
        else if (type === 'publicKey') engine.assertValidPublicKey(given, { allowIdentity });
        else engine.assertValidSignature(given, { allowIdentity });
      });
    expect(check(bls, true)).toBe(error ?? 'nothing thrown');
    expect(check(bls, false)).toBe(error ?? (out!.identity ? 'bls/identity' : 'nothing thrown'));
    const valid =
      type === 'secretKey'
        ? bls.isValidSecretKey(given)
        : type === 'publicKey'
          ? bls.isValidPublicKey(given)
          : bls.isValidSignature(given);
    expect(valid).toBe(error === undefined && !out!.identity);
  });

  test.each(aggregate)('aggregate: $name', ({ in: given, out, error }) => {
    if (error !== undefined) {
      const { bitmap, publicKeys } = given;
      expect(codeOf(() => bitmapIndices(hex(bitmap), publicKeys.length))).toBe(error);
      return;
    }
    checkCommit(bls, given, out!, out!.valid);
  });

  test.each(commits)('commit of 250 keys: $name', ({ in: given, out }) => {
    checkCommit(bls, given, out!, true);
    const flipped = hex(given.bitmap);
    flipped[0]! ^= 1;
    checkCommit(bls, { ...given, bitmap: text(flipped) }, { valid: false }, false);
  });
});

test('addresses and shards of keys', () => {
  interface Out {
    readonly address: string;
    readonly shards?: Readonly<Record<string, number>>;
  }
  for (const { in: given, out } of loadVectors<{ publicKey: string }, Out>(
    import.meta.url,
    'key-addresses',
    { in: ['publicKey'], out: ['address', 'shards'] },
  )) {
    expect(blsAddress(hex(given.publicKey))).toBe(out!.address);
    for (const [count, shard] of Object.entries(out!.shards ?? {})) {
      expect(shardOfBlsKey(hex(given.publicKey), Number(count))).toBe(shard);
    }
  }
});
