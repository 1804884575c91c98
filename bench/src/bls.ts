/**
 * BLS rows: both ciphersuites on every engine beside bls-eth-wasm in the network's mode, blst and
 * @noble/curves.
 *
 * Inputs are bytes, as they come off the wire, unless a row's name says that keys are remembered:
 * then every contender keeps its 250 keys decoded. The committee is 250 fixed secret keys.
 */
import { createRequire } from 'node:module';
import blst from '@chainsafe/blst';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Bls, harmonyBls, IETF_MESSAGE_TAG, ietfBls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { createWasmBls } from '@polyphony/bls/wasm';
import { type BenchRow, type Contender, row } from './harness.js';

const SIGNERS = 250;
const PAYLOAD: Uint8Array = Uint8Array.from({ length: 48 }, (_, i) => (i * 7 + 1) & 255);
const GENERATOR =
  'e500361ff315734cccd8f9b721ec159995e9e622be17afd41ac2f037a583e81b98c2320e0bf853a8f929e89e3d8ff504';

/** Names that several rows use. */
const WASM = 'polyphony (mcl-wasm)';
const NOBLE = 'polyphony (noble)';
const BLST = 'polyphony (blst)';
const HERUMI = 'bls-eth-wasm';
const NOBLE_CURVES = '@noble/curves';
const CHAINSAFE = '@chainsafe/blst';

interface HerumiValue {
  readonly a_: Uint32Array;
  deserialize(bytes: Uint8Array): void;
  serialize(): Uint8Array;
  add(other: HerumiValue): void;
}
interface HerumiModule {
  stackSave(): number;
  stackRestore(at: number): void;
  sallocCopy(limbs: Uint32Array): number;
  sallocBytes(bytes: Uint8Array): number;
  copyFromHeap32(limbs: Uint32Array, at: number): void;
  _blsSignHash(signature: number, secret: number, message: number, length: number): number;
  _blsVerifyHash(signature: number, key: number, message: number, length: number): number;
}
interface HerumiLibrary {
  readonly BLS12_381: number;
  readonly mod: HerumiModule;
  readonly SecretKey: new () => HerumiValue;
  readonly PublicKey: new () => HerumiValue;
  readonly Signature: new () => HerumiValue;
  init(curve: number): Promise<void>;
  setETHserialiation(on: boolean): void;
  setMapToMode(mode: number): void;
  setETHmode(mode: number): void;
  setGeneratorOfPublicKey(key: HerumiValue): void;
}

/** bls-eth-wasm in the network's mode: the settings in this order, and the C functions that do not hash. */
interface Herumi {
  key(bytes: Uint8Array): HerumiValue;
  signature(bytes: Uint8Array): HerumiValue;
  sum(values: readonly HerumiValue[], kind: 'key' | 'signature'): HerumiValue;
  sign(message: Uint8Array, secretKey: HerumiValue): Uint8Array;
  secret(bytes: Uint8Array): HerumiValue;
  verify(signature: HerumiValue, message: Uint8Array, key: HerumiValue): boolean;
}

async function openHerumi(): Promise<Herumi> {
  const require = createRequire(import.meta.url);
  const factory = require('bls-eth-wasm/src/bls.js') as (createModule: unknown) => HerumiLibrary;
  const library = factory(require('bls-eth-wasm/src/bls_c.js'));
  await library.init(library.BLS12_381);
  library.setETHserialiation(false);
  library.setMapToMode(0);
  library.setETHmode(0);
  const decode = (kind: new () => HerumiValue, bytes: Uint8Array): HerumiValue => {
    const value = new kind();
    value.deserialize(bytes);
    return value;
  };
  const fromHex = Uint8Array.from(Buffer.from(GENERATOR, 'hex'));
  library.setGeneratorOfPublicKey(decode(library.PublicKey, fromHex));
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
    key: (bytes) => decode(library.PublicKey, bytes),
    signature: (bytes) => decode(library.Signature, bytes),
    secret: (bytes) => decode(library.SecretKey, bytes),
    sum(values, kind) {
      const total = kind === 'key' ? new library.PublicKey() : new library.Signature();
      for (const value of values) total.add(value);
      return total;
    },
    sign: (message, secretKey) =>
      onStack(() => {
        const signature = new library.Signature();
        const at = mod.sallocCopy(signature.a_);
        const secret = mod.sallocCopy(secretKey.a_);
        mod._blsSignHash(at, secret, mod.sallocBytes(message), message.length);
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
}

interface Committee {
  readonly secretKeys: readonly Uint8Array[];
  readonly keys: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
  readonly sum: Uint8Array;
  readonly weights: Uint8Array;
}

/** 250 keys of fixed secrets and their signatures over the payload. */
function committee(bls: Bls): Committee {
  const secretKeys = Array.from({ length: SIGNERS }, (_, i) => {
    const secretKey = new Uint8Array(32).fill(i & 31);
    secretKey[15] = i;
    secretKey[16] = 1;
    return secretKey;
  });
  const signatures = secretKeys.map((secretKey) => bls.sign(PAYLOAD, secretKey));
  return {
    secretKeys,
    keys: secretKeys.map((secretKey) => bls.getPublicKey(secretKey)),
    signatures,
    sum: bls.aggregateSignatures(signatures),
    weights: Uint8Array.from({ length: SIGNERS * 8 }, (_, i) => (i * 89 + 17) & 255),
  };
}

/** A contender whose output is what it computes. */
function same<T extends Uint8Array | boolean>(name: string, run: () => T): Contender {
  return { name, run, output: run };
}

type Work = (bls: Bls) => Uint8Array | boolean;

async function harmonyRows(): Promise<readonly BenchRow[]> {
  const herumi = await openHerumi();
  const wasm = await createWasmBls();
  const noble = harmonyBls();
  const remembering = { cachedPublicKeys: SIGNERS };
  const wasmRemembering = await createWasmBls(remembering);
  const nobleRemembering = harmonyBls(remembering);
  const { secretKeys, keys, signatures, sum, weights } = committee(wasm);
  const secret = herumi.secret(secretKeys[7]!);
  const decoded = keys.map((key) => herumi.key(key));
  const entries = keys.map((publicKey, i) => ({ publicKey, signature: signatures[i]! }));

  const engines = (work: Work, remembered = false): readonly Contender[] => [
    same(WASM, () => work(remembered ? wasmRemembering : wasm)),
    same(NOBLE, () => work(remembered ? nobleRemembering : noble)),
  ];
  const targets: BenchRow['targets'] = [{ contender: WASM, ratio: 0.95, to: HERUMI }];
  const harmony = (
    name: string,
    unit: string,
    work: Work,
    peer: () => Uint8Array | boolean,
    more: Partial<BenchRow> & { readonly remembered?: boolean } = {},
  ): BenchRow => {
    const { remembered = false, ...rest } = more;
    return row({
      name: `BLS harmony: ${name}`,
      unit,
      contenders: [...engines(work, remembered), same(HERUMI, peer)],
      baseline: HERUMI,
      targets,
      ...rest,
    });
  };

  return [
    harmony(
      'sign 48 bytes',
      'signatures',
      (bls) => bls.sign(PAYLOAD, secretKeys[7]!),
      () => herumi.sign(PAYLOAD, secret),
    ),
    harmony(
      'verify, key and signature as bytes',
      'signatures',
      (bls) => bls.verify(signatures[7]!, PAYLOAD, keys[7]!),
      () => herumi.verify(herumi.signature(signatures[7]!), PAYLOAD, herumi.key(keys[7]!)),
    ),
    harmony(
      'verify, key remembered',
      'signatures',
      (bls) => bls.verify(signatures[7]!, PAYLOAD, keys[7]!),
      () => herumi.verify(herumi.signature(signatures[7]!), PAYLOAD, decoded[7]!),
      { remembered: true },
    ),
    harmony(
      'decode and check a public key',
      'keys',
      (bls) => bls.isValidPublicKey(keys[7]!),
      () => herumi.key(keys[7]!) !== undefined,
    ),
    harmony(
      'decode and check a signature',
      'signatures',
      (bls) => bls.isValidSignature(signatures[7]!),
      () => herumi.signature(signatures[7]!) !== undefined,
    ),
    harmony(
      'aggregate 250 public keys, remembered',
      'aggregates',
      (bls) => bls.aggregatePublicKeys(keys),
      () => herumi.sum(decoded, 'key').serialize(),
      { remembered: true },
    ),
    harmony(
      'aggregate 250 signatures as bytes',
      'aggregates',
      (bls) => bls.aggregateSignatures(signatures),
      () =>
        herumi
          .sum(
            signatures.map((bytes) => herumi.signature(bytes)),
            'signature',
          )
          .serialize(),
    ),
    harmony(
      'commit of 250 keys, remembered',
      'commits',
      (bls) => bls.verifyAggregate(sum, PAYLOAD, keys),
      () => herumi.verify(herumi.signature(sum), PAYLOAD, herumi.sum(decoded, 'key')),
      {
        remembered: true,
        targets: [...targets, { contender: WASM, perSecond: 125 }],
      },
    ),
    harmony(
      'ingest 250 votes over one message, keys remembered',
      'votes',
      (bls) => bls.verifyBatch(PAYLOAD, entries, weights),
      () =>
        entries.every((entry, i) =>
          herumi.verify(herumi.signature(entry.signature), PAYLOAD, decoded[i]!),
        ),
      {
        remembered: true,
        perRun: SIGNERS,
        targets: [
          { contender: WASM, perSecond: SIGNERS / 0.25 },
          { contender: NOBLE, perSecond: SIGNERS / 2.2 },
        ],
      },
    ),
  ];
}

async function ietfRows(): Promise<readonly BenchRow[]> {
  const remembering = { cachedPublicKeys: SIGNERS };
  const native = await createBlstBls();
  const nativeRemembering = await createBlstBls(remembering);
  const wasm = await createWasmBls({ suite: 'ietf' });
  const wasmRemembering = await createWasmBls({ ...remembering, suite: 'ietf' });
  const noble = ietfBls();
  const nobleRemembering = ietfBls(remembering);
  const { secretKeys, keys, signatures, sum } = committee(native);

  const secret = blst.SecretKey.fromBytes(secretKeys[7]!);
  const decoded = keys.map((key) => blst.PublicKey.fromBytes(key, true));
  const long = bls12_381.longSignatures;
  const points = keys.map((key) => bls12_381.G1.Point.fromBytes(key));
  const hash = (): ReturnType<typeof long.hash> => long.hash(PAYLOAD, IETF_MESSAGE_TAG);

  const rowOf = (
    name: string,
    unit: string,
    work: Work,
    peers: {
      readonly blst: () => Uint8Array | boolean;
      readonly noble: () => Uint8Array | boolean;
    },
    remembered = false,
  ): BenchRow =>
    row({
      name: `BLS ietf: ${name}`,
      unit,
      contenders: [
        same(BLST, () => work(remembered ? nativeRemembering : native)),
        same(WASM, () => work(remembered ? wasmRemembering : wasm)),
        same(NOBLE, () => work(remembered ? nobleRemembering : noble)),
        same(CHAINSAFE, peers.blst),
        same(NOBLE_CURVES, peers.noble),
      ],
      baseline: NOBLE_CURVES,
      targets: [
        { contender: NOBLE, ratio: 1, to: NOBLE_CURVES },
        { contender: BLST, ratio: 0.95, to: CHAINSAFE },
      ],
    });

  return [
    rowOf('sign 48 bytes', 'signatures', (bls) => bls.sign(PAYLOAD, secretKeys[7]!), {
      blst: () => secret.sign(PAYLOAD).toBytes(),
      noble: () => long.Signature.toBytes(long.sign(hash(), secretKeys[7]!)),
    }),
    rowOf(
      'verify, key and signature as bytes',
      'signatures',
      (bls) => bls.verify(signatures[7]!, PAYLOAD, keys[7]!),
      {
        blst: () =>
          blst.verify(
            PAYLOAD,
            blst.PublicKey.fromBytes(keys[7]!, true),
            blst.Signature.fromBytes(signatures[7]!, true),
          ),
        noble: () => long.verify(signatures[7]!, hash(), keys[7]!),
      },
    ),
    rowOf(
      'commit of 250 keys, remembered',
      'commits',
      (bls) => bls.verifyAggregate(sum, PAYLOAD, keys),
      {
        blst: () => blst.fastAggregateVerify(PAYLOAD, decoded, blst.Signature.fromBytes(sum, true)),
        noble: () => long.verify(sum, hash(), long.aggregatePublicKeys(points)),
      },
      true,
    ),
  ];
}

/** All BLS rows. */
export async function rows(): Promise<readonly BenchRow[]> {
  return [...(await harmonyRows()), ...(await ietfRows())];
}
