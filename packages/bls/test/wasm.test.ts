/** The WebAssembly instance: private, and of fixed size. */
import { createRequire } from 'node:module';
import { type Bls, generateSecretKey, harmonyBls, ietfBls } from '@polyphony/bls';
import { createWasmBls } from '@polyphony/bls/wasm';
import { expect, test, vi } from 'vitest';
import { harmonyEncoding, ietfEncoding } from '../src/noble/encoding.js';
import { invert, mod, rightSide2, sqrt } from '../src/noble/field.js';
import { codeOf, text } from './engines.js';

function exercise(bls: Bls, rounds: number): void {
  const message = new Uint8Array(48).fill(9);
  for (let i = 0; i < rounds; i++) {
    const secretKey = generateSecretKey(bls.suite);
    const publicKey = bls.getPublicKey(secretKey);
    const signature = bls.sign(message, secretKey);
    expect(bls.verify(signature, message, publicKey)).toBe(true);
    expect(bls.verify(signature.slice(1), message, publicKey)).toBe(false);
    const entries = Array.from({ length: 3 }, () => ({ publicKey, signature }));
    expect(bls.verifyBatch(message, entries, new Uint8Array(24).fill(i + 1))).toBe(true);
    bls.aggregateSignatures([signature, signature]);
  }
}

/** What is made with one instance of WebAssembly, and the memory of that. */
async function watched<T>(
  make: () => Promise<T>,
): Promise<{ readonly made: T; readonly memory: WebAssembly.Memory }> {
  const memories: WebAssembly.Memory[] = [];
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  const spy = vi.spyOn(WebAssembly, 'instantiate').mockImplementation(((
    source: BufferSource,
    imports: { env: { memory: WebAssembly.Memory } },
  ) => {
    memories.push(imports.env.memory);
    return instantiate(source, imports as unknown as WebAssembly.Imports);
  }) as typeof WebAssembly.instantiate);
  const made = await make();
  spy.mockRestore();
  expect(memories).toHaveLength(1);
  return { made, memory: memories[0]! };
}

test('work does not make the instance grow', async () => {
  const { memory: first, made: harmony } = await watched(() => createWasmBls());
  const { memory: second, made: ietf } = await watched(() => createWasmBls({ suite: 'ietf' }));
  const memories = [first, second];
  const before = memories.map((memory) => memory.buffer.byteLength);
  exercise(harmony, 6);
  exercise(ietf, 6);
  // More than one call of the library takes, and equal points in every sum.
  const message = Uint8Array.of(5);
  const secretKey = new Uint8Array(32).fill(6);
  const entry = {
    publicKey: harmony.getPublicKey(secretKey),
    signature: harmony.sign(message, secretKey),
  };
  const weights = Uint8Array.from({ length: 8 * 260 }, (_, at) => (at * 37) | 1);
  expect(harmony.verifyBatch(message, new Array(260).fill(entry), weights)).toBe(true);
  expect(memories.map((memory) => memory.buffer.byteLength)).toEqual(before);
  for (const bytes of before) expect(bytes).toBeLessThanOrEqual(4 << 20);
});

test.each(['harmony', 'ietf'] as const)('%s: points with a real y^2', async (suite) => {
  const wasm = await createWasmBls({ suite });
  const { encoding, noble } =
    suite === 'harmony'
      ? { encoding: harmonyEncoding, noble: harmonyBls() }
      : { encoding: ietfEncoding, noble: ietfBls() };
  const signs: boolean[] = [];
  for (let c1 = 1n; signs.length < 6; c1++) {
    // The imaginary part of (c0 + c1 i)^3 + 4 + 4i is zero.
    const c0 = sqrt(mod((c1 ** 3n - 4n) * invert(3n * c1)));
    if (c0 === undefined) continue;
    const x = { c0, c1 };
    expect(rightSide2(x).c1).toBe(0n);
    signs.push(sqrt(rightSide2(x).c0) !== undefined);
    for (const flag of [true, false]) {
      const bytes = encoding.encodeSignature({ x, flag });
      // On the curve: both say the same of the subgroup.
      for (const bls of [wasm, noble])
        expect(codeOf(() => bls.assertValidSignature(bytes))).toBe('bls/not-in-subgroup');
    }
  }
  expect(new Set(signs).size).toBe(2);
});

test('no secret stays in the instance where it was put', async () => {
  const { memory, made: bls } = await watched(() => createWasmBls());
  const secretKey = generateSecretKey('harmony');
  bls.getPublicKey(secretKey);
  bls.sign(Uint8Array.of(1), secretKey);
  expect(Buffer.from(memory.buffer).includes(Buffer.from(secretKey))).toBe(false);
});

test('another user of mcl-wasm cannot disturb it', async () => {
  const bls = await createWasmBls();
  const secretKey = new Uint8Array(32).fill(1);
  const before = text(bls.sign(Uint8Array.of(1), secretKey));
  const shared = createRequire(import.meta.url)('mcl-wasm') as {
    init(curve: number): Promise<void>;
    setETHserialization(on: boolean): void;
    BN254: number;
  };
  await shared.init(shared.BN254);
  shared.setETHserialization(true);
  const other = await createWasmBls({ suite: 'ietf' });
  exercise(other, 1);
  expect(text(bls.sign(Uint8Array.of(1), secretKey))).toBe(before);
  exercise(bls, 1);
});

test('batches longer than one chunk of the instance', async () => {
  const bls = await createWasmBls({ cachedPublicKeys: 4 });
  const message = Uint8Array.of(3);
  const signers = Array.from({ length: 3 }, () => {
    const secretKey = generateSecretKey('harmony');
    return { publicKey: bls.getPublicKey(secretKey), signature: bls.sign(message, secretKey) };
  });
  const entries = Array.from({ length: 130 }, (_, i) => signers[i % 3]!);
  const weights = new Uint8Array(130 * 8).map((_, i) => (i * 37 + 1) & 255);
  expect(bls.verifyBatch(message, entries, weights)).toBe(true);
  entries[129] = { ...entries[129]!, signature: signers[1]!.signature };
  expect(bls.findInvalid(message, entries, weights)).toEqual([129]);
});
