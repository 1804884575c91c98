/**
 * The checks every engine must pass, as data: any test framework can run them.
 *
 * They pin known bytes, the promises of the port (fresh results, untouched arguments, errors by
 * code) and agreement with a reference engine on random and on broken input: both accept with equal
 * bytes, or both refuse with the same code.
 */
import {
  bytesToHex,
  bytesToPlainHex,
  hexToBytes,
  isProtocolError,
  utf8ToBytes,
} from '@polyphony/primitives';
import { addressOfPublicKey } from './address.js';
import { SECP256K1_ORDER } from './checks.js';
import { KNOWN_KEYS, KNOWN_SIGNATURES } from './conformance-data.js';
import type { Engine, RecoverableSignature, Signature } from './engine.js';
import { CryptoError, type CryptoErrorDetails } from './errors.js';
import { nobleEngine } from './noble.js';

/** One check. */
export interface EngineCheck {
  readonly name: string;
  /** Returns when the engine behaves; throws {@link CryptoError} `crypto/conformance-failed`. */
  readonly run: () => void;
}

/** What random input is drawn and with whom the engine must agree. */
export interface ConformanceOptions {
  /** The engine that is right by definition. Left out: `nobleEngine`. */
  readonly reference?: Engine;
  /** Equal seeds give equal input. Left out: 0. */
  readonly seed?: number;
  /** Random cases per check. Left out: 16. */
  readonly rounds?: number;
}

const N = SECP256K1_ORDER;
const GENERATOR_X = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n;

type Expect = (condition: boolean, reason: string) => void;
type Code = CryptoErrorDetails['code'];

const word = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, '0'));

function text(value: unknown): string {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (typeof value === 'object' && value !== null && 'r' in value && 's' in value) {
    const { r, s, recovery } = value as RecoverableSignature;
    return `r ${r.toString(16)} s ${s.toString(16)} recovery ${recovery}`;
  }
  return String(value);
}

/** What a call returned, or the code of its error, as text that can be compared. */
function outcome(run: () => unknown): string {
  try {
    return text(run());
  } catch (error) {
    return isProtocolError(error) ? error.code : (error as Error).name;
  }
}

/** Random words from a seed: a chain of the reference engine's hashes. */
function randomWords(engine: Engine, seed: number): () => Uint8Array {
  let state = engine.keccak256(utf8ToBytes(`engine conformance ${seed}`));
  return () => {
    state = engine.keccak256(state);
    return state;
  };
}

function randomKey(next: () => Uint8Array): Uint8Array {
  for (;;) {
    const key = next();
    if (nobleEngine.isValidSecretKey(key)) return key;
  }
}

const SECRET_KEYS: readonly (readonly [name: string, key: Uint8Array, code: Code | undefined])[] = [
  ['the key 1', word(1n), undefined],
  ['the order less 1', word(N - 1n), undefined],
  ['the key 0', word(0n), 'crypto/invalid-secret-key'],
  ['the order', word(N), 'crypto/invalid-secret-key'],
  ['the order and 1', word(N + 1n), 'crypto/invalid-secret-key'],
  ['2^256 less 1', new Uint8Array(32).fill(0xff), 'crypto/invalid-secret-key'],
  ['no bytes', new Uint8Array(0), 'crypto/invalid-length'],
  ['31 bytes', new Uint8Array(31).fill(1), 'crypto/invalid-length'],
  ['33 bytes', new Uint8Array(33).fill(1), 'crypto/invalid-length'],
];

const KEY = hexToBytes(KNOWN_KEYS[0]!.secretKey);
const DIGEST = hexToBytes(KNOWN_SIGNATURES[0]!.digest);

/** Broken variants of a valid signature; all are refused even where a high `s` is allowed. */
function brokenSignatures(
  valid: RecoverableSignature,
): readonly (readonly [name: string, signature: RecoverableSignature])[] {
  const values = [0n, -1n, N, N + 1n, 2n ** 256n - 1n, 2n ** 256n, 2n ** 300n];
  return [
    ...values.flatMap(
      (value) =>
        [
          [`r = ${value.toString(16)}`, { ...valid, r: value }],
          [`s = ${value.toString(16)}`, { ...valid, s: value }],
        ] as const,
    ),
    ...[2, 3, 4, 27, 28, -1, 0.5, Number.NaN].map(
      (recovery) =>
        [`recovery = ${recovery}`, { ...valid, recovery } as RecoverableSignature] as const,
    ),
    ['no point has this x', { ...valid, r: 5n }],
  ];
}

/**
 * The checks for one engine.
 *
 * @example
 * for (const { name, run } of engineConformance(engine)) test(name, run)
 */
export function engineConformance(
  engine: Engine,
  options: ConformanceOptions = {},
): readonly EngineCheck[] {
  const { reference = nobleEngine, seed = 0, rounds = 16 } = options;
  const expect: Expect = (condition, reason) => {
    if (!condition) {
      throw new CryptoError({ code: 'crypto/conformance-failed', engine: engine.name, reason });
    }
  };
  const same = (run: (engine: Engine) => unknown, what: string): void => {
    const ours = outcome(() => run(engine));
    const theirs = outcome(() => run(reference));
    expect(ours === theirs, `and ${reference.name} differ on ${what}: ${ours}, ${theirs}`);
  };
  const refused = (run: () => unknown, code: Code | 'TypeError', what: string): void => {
    const came = outcome(run);
    expect(came === code, `must refuse ${what} with ${code}, but gave ${came}`);
  };
  const checks = [
    ...knownAnswers(engine, expect),
    ...refusals(engine, expect, refused),
    ...promises(engine, expect),
    ...agreement(reference, seed, rounds, same),
  ];
  return checks.map(({ name, run }) => ({ name, run: () => runCheck(engine, run) }));
}

/** An engine's own error, where none was expected, is a failed check too. */
function runCheck(engine: Engine, run: () => void): void {
  try {
    run();
  } catch (cause) {
    if (cause instanceof CryptoError && cause.code === 'crypto/conformance-failed') throw cause;
    throw new CryptoError(
      {
        code: 'crypto/conformance-failed',
        engine: engine.name,
        reason: `must not throw, but threw ${String(cause)}`,
      },
      { cause },
    );
  }
}

function knownAnswers(engine: Engine, expect: Expect): readonly EngineCheck[] {
  return [
    {
      name: 'hashes nothing and abc',
      run: () => {
        for (const [input, hash] of [
          ['', 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'],
          ['abc', '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45'],
        ] as const) {
          const came = bytesToPlainHex(engine.keccak256(utf8ToBytes(input)));
          expect(came === hash, `must hash "${input}" to ${hash}, but gave ${came}`);
        }
      },
    },
    {
      name: 'derives known public keys and accounts',
      run: () => {
        for (const { secretKey, publicKey, address } of KNOWN_KEYS) {
          const came = engine.getPublicKey(hexToBytes(secretKey));
          expect(bytesToPlainHex(came) === publicKey, `must derive ${publicKey}`);
          const account = addressOfPublicKey(came, engine);
          expect(account === address, `must derive ${address}, but gave ${account}`);
        }
      },
    },
    {
      name: 'makes, verifies and recovers known signatures',
      run: () => {
        for (const known of KNOWN_SIGNATURES) {
          const [secretKey, digest] = [hexToBytes(known.secretKey), hexToBytes(known.digest)];
          const signature = engine.signDigest(digest, secretKey);
          const expected = text({
            r: BigInt(`0x${known.r}`),
            s: BigInt(`0x${known.s}`),
            recovery: known.recovery,
          });
          const came = text(signature);
          expect(came === expected, `must sign as ${expected}, but gave ${came}`);
          const publicKey = engine.getPublicKey(secretKey);
          expect(engine.verifyDigest(digest, signature, publicKey), 'must verify what it signed');
          const recovered = text(engine.recoverPublicKey(digest, signature));
          expect(recovered === text(publicKey), `must recover ${text(publicKey)}`);
        }
      },
    },
  ];
}

function refusals(
  engine: Engine,
  expect: Expect,
  refused: (run: () => unknown, code: Code | 'TypeError', what: string) => void,
): readonly EngineCheck[] {
  const valid = nobleEngine.signDigest(DIGEST, KEY);
  const publicKey = nobleEngine.getPublicKey(KEY);
  return [
    {
      name: 'takes secret keys in range and refuses all others',
      run: () => {
        for (const [name, key, code] of SECRET_KEYS) {
          expect(engine.isValidSecretKey(key) === (code === undefined), `misjudges ${name}`);
          if (code === undefined) {
            expect(engine.getPublicKey(key).length === 65, `must derive a key from ${name}`);
          } else {
            refused(() => engine.getPublicKey(key), code, name);
            refused(() => engine.signDigest(DIGEST, key), code, name);
          }
        }
      },
    },
    {
      name: 'refuses digests of another length',
      run: () => {
        for (const length of [0, 31, 33, 64]) {
          const digest = new Uint8Array(length);
          const what = `a digest of ${length} bytes`;
          refused(() => engine.signDigest(digest, KEY), 'crypto/invalid-length', what);
          refused(() => engine.recoverPublicKey(digest, valid), 'crypto/invalid-length', what);
          expect(!engine.verifyDigest(digest, valid, publicKey), `must not verify ${what}`);
        }
      },
    },
    {
      name: 'refuses signatures out of range',
      run: () => {
        for (const allowHighS of [false, true]) {
          for (const [name, signature] of brokenSignatures(valid)) {
            refused(
              () => engine.recoverPublicKey(DIGEST, signature, { allowHighS }),
              'crypto/invalid-signature',
              name,
            );
            if (signature.r === valid.r && signature.s === valid.s) continue;
            expect(
              !engine.verifyDigest(DIGEST, signature, publicKey, { allowHighS }),
              `must not verify ${name}`,
            );
          }
        }
      },
    },
    {
      name: 'refuses a signature whose key would be infinity',
      run: () => {
        for (const s of [1n, 7n, N >> 1n]) {
          refused(
            () => engine.recoverPublicKey(word(s), { r: GENERATOR_X, s, recovery: 0 }),
            'crypto/invalid-signature',
            'a key at infinity',
          );
        }
      },
    },
    {
      name: 'takes a high s only where that is allowed',
      run: () => {
        const high: RecoverableSignature = {
          r: valid.r,
          s: N - valid.s,
          recovery: valid.recovery === 0 ? 1 : 0,
        };
        refused(
          () => engine.recoverPublicKey(DIGEST, high),
          'crypto/invalid-signature',
          'a high s',
        );
        expect(!engine.verifyDigest(DIGEST, high, publicKey), 'must not verify a high s');
        const recovered = engine.recoverPublicKey(DIGEST, high, { allowHighS: true });
        expect(text(recovered) === text(publicKey), 'must recover from a high s when allowed');
        expect(
          engine.verifyDigest(DIGEST, high, publicKey, { allowHighS: true }),
          'must verify a high s when allowed',
        );
      },
    },
    {
      name: 'verifies under uncompressed keys on the curve only',
      run: () => {
        const broken: readonly (readonly [name: string, key: Uint8Array])[] = [
          ['no bytes', new Uint8Array(0)],
          ['64 bytes', publicKey.slice(1)],
          ['a compressed key', publicKey.slice(0, 33)],
          ['a hybrid key', Uint8Array.from(publicKey, (byte, i) => (i === 0 ? 6 : byte))],
          ['a hybrid key', Uint8Array.from(publicKey, (byte, i) => (i === 0 ? 7 : byte))],
          ['a point off the curve', Uint8Array.from(publicKey, (b, i) => (i === 64 ? b ^ 1 : b))],
          ['zero coordinates', Uint8Array.from(publicKey, (_, i) => (i === 0 ? 4 : 0))],
          ['coordinates out of range', Uint8Array.from(publicKey, (_, i) => (i === 0 ? 4 : 255))],
        ];
        expect(engine.verifyDigest(DIGEST, valid, publicKey), 'must verify under the key');
        for (const [name, key] of broken) {
          expect(!engine.verifyDigest(DIGEST, valid, key), `must not verify under ${name}`);
        }
      },
    },
    {
      name: 'answers a wrong type with a TypeError',
      run: () => {
        const bytes = '0x00' as unknown as Uint8Array;
        const numbers = { r: 1, s: 1, recovery: 0 } as unknown as RecoverableSignature;
        const runs: readonly (() => unknown)[] = [
          () => engine.getPublicKey(bytes),
          () => engine.isValidSecretKey(bytes),
          () => engine.signDigest(bytes, KEY),
          () => engine.signDigest(DIGEST, bytes),
          () => engine.recoverPublicKey(bytes, valid),
          () => engine.recoverPublicKey(DIGEST, numbers),
          () => engine.verifyDigest(bytes, valid, publicKey),
          () => engine.verifyDigest(DIGEST, numbers, publicKey),
          () => engine.verifyDigest(DIGEST, valid, bytes),
        ];
        for (const run of runs) refused(run, 'TypeError', String(run));
      },
    },
  ];
}

function promises(engine: Engine, expect: Expect): readonly EngineCheck[] {
  return [
    {
      name: 'leaves arguments as they are and returns fresh bytes',
      run: () => {
        const [key, digest] = [Uint8Array.from(KEY), Uint8Array.from(DIGEST)];
        const signature = Object.freeze(engine.signDigest(digest, key));
        const publicKey = engine.getPublicKey(key);
        const results = [
          publicKey,
          engine.recoverPublicKey(digest, signature),
          engine.keccak256(digest),
        ];
        const before = results.map(text);
        engine.verifyDigest(digest, signature, publicKey);
        engine.getPublicKey(word(3n));
        engine.recoverPublicKey(word(4n), engine.signDigest(word(4n), word(5n)));
        engine.keccak256(new Uint8Array(200_000));
        expect(text(key) === text(KEY), 'must not change the secret key');
        expect(text(digest) === text(DIGEST), 'must not change the digest');
        results.forEach((result, i) => {
          expect(text(result) === before[i], 'must not change earlier results');
          result.fill(0);
        });
        expect(text(engine.getPublicKey(key)) === before[0], 'must not keep its results');
      },
    },
    {
      name: 'works on views into larger buffers',
      run: () => {
        const outer = new Uint8Array(96).fill(0xee);
        outer.set(KEY, 7);
        outer.set(DIGEST, 50);
        const [key, digest] = [outer.subarray(7, 39), outer.subarray(50, 82)];
        const plain = text(engine.signDigest(DIGEST, KEY));
        expect(text(engine.signDigest(digest, key)) === plain, 'must sign views alike');
      },
    },
  ];
}

function agreement(
  reference: Engine,
  seed: number,
  rounds: number,
  same: (run: (engine: Engine) => unknown, what: string) => void,
): readonly EngineCheck[] {
  const draw = (topic: number): (() => Uint8Array) => randomWords(reference, seed * 16 + topic);
  const value = (bytes: Uint8Array): bigint => BigInt(bytesToHex(bytes));
  return [
    {
      name: `agrees with ${reference.name} on hashes of every length`,
      run: () => {
        const next = draw(1);
        for (let length = 0; length <= 2 * 136 + 1; length++) {
          const input = new Uint8Array(length).fill(next()[0]!);
          same((engine) => engine.keccak256(input), `a hash of ${length} bytes`);
        }
      },
    },
    {
      name: `agrees with ${reference.name} on random keys, signatures and recoveries`,
      run: () => {
        const next = draw(2);
        for (let round = 0; round < rounds; round++) {
          const [key, digest] = [randomKey(next), next()];
          const other = next();
          const signature = reference.signDigest(digest, key);
          const publicKey = reference.getPublicKey(key);
          const what = `round ${round} of seed ${seed}`;
          same((engine) => engine.getPublicKey(key), what);
          same((engine) => engine.signDigest(digest, key), what);
          same((engine) => engine.recoverPublicKey(digest, signature), what);
          same((engine) => engine.recoverPublicKey(other, signature), what);
          same((engine) => engine.verifyDigest(digest, signature, publicKey), what);
          same((engine) => engine.verifyDigest(other, signature, publicKey), what);
        }
      },
    },
    {
      name: `agrees with ${reference.name} on random signatures that nobody made`,
      run: () => {
        const next = draw(3);
        for (let round = 0; round < rounds * 2; round++) {
          const [digest, r, s] = [next(), value(next()), value(next())];
          const publicKey = reference.getPublicKey(randomKey(next));
          for (const allowHighS of [false, true]) {
            for (const recovery of [0, 1] as const) {
              const signature: RecoverableSignature = { r, s, recovery };
              same(
                (engine) => engine.recoverPublicKey(digest, signature, { allowHighS }),
                `a random signature in round ${round} of seed ${seed}`,
              );
            }
            const signature: Signature = { r, s };
            same(
              (engine) => engine.verifyDigest(digest, signature, publicKey, { allowHighS }),
              `a random signature in round ${round} of seed ${seed}`,
            );
          }
        }
      },
    },
  ];
}
