/**
 * BLS rows: both ciphersuites on every engine beside bls-eth-wasm in the network's mode, blst and
 * @noble/curves.
 *
 * Inputs are bytes, as they come off the wire, unless a row's name says that keys are remembered:
 * then every contender keeps its 250 keys decoded. The committee is 250 fixed secret keys.
 */
import blst from '@chainsafe/blst';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { type Bls, harmonyBls, IETF_MESSAGE_TAG, ietfBls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';
import { createWasmBls } from '@polyphony/bls/wasm';
import { type DecodedValue, loadBlsReference } from '@polyphony/testkit/bls-eth-wasm';
import { type BenchRow, type Contender, row } from './harness.js';

const SIGNERS = 250;
const PAYLOAD: Uint8Array = Uint8Array.from({ length: 48 }, (_, i) => (i * 7 + 1) & 255);

/** Names that several rows use. */
const WASM = 'polyphony (mcl-wasm)';
const NOBLE = 'polyphony (noble)';
const BLST = 'polyphony (blst)';
const HERUMI = 'bls-eth-wasm';
const NOBLE_CURVES = '@noble/curves';
const CHAINSAFE = '@chainsafe/blst';

interface Committee {
  readonly secretKeys: readonly Uint8Array[];
  readonly keys: readonly Uint8Array[];
  readonly signatures: readonly Uint8Array[];
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
    weights: Uint8Array.from({ length: SIGNERS * 8 }, (_, i) => (i * 89 + 17) & 255),
  };
}

/** A commit by all but one of the committee. */
interface Commit {
  readonly absent: number;
  readonly keys: readonly Uint8Array[];
  readonly sum: Uint8Array;
}

/** Commits whose signers differ a little from one to the next, as those of a network do. */
function commits(bls: Bls, { keys, signatures }: Committee): readonly Commit[] {
  return [3, 40, 111, 248].map((absent) => ({
    absent,
    keys: keys.filter((_, i) => i !== absent),
    sum: bls.aggregateSignatures(signatures.filter((_, i) => i !== absent)),
  }));
}

/** Hands out the items one after the other, again and again. */
function cycle<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => items[next++ % items.length]!;
}

/** One unit of work by a peer, on one of the commits. */
type PeerWork = (block: Commit) => Uint8Array | boolean;
/** The same by one of our engines. */
type Work = (bls: Bls, block: Commit) => Uint8Array | boolean;

/** A contender that works on the next commit in every run and is compared on the first. */
function lane(name: string, blocks: readonly Commit[], work: PeerWork): Contender {
  const next = cycle(blocks);
  return { name, run: () => work(next()), output: () => work(blocks[0]!) };
}

async function harmonyRows(): Promise<readonly BenchRow[]> {
  const herumi = (await loadBlsReference()).decoded;
  const wasm = await createWasmBls();
  const noble = harmonyBls();
  const remembering = { cachedPublicKeys: SIGNERS };
  const wasmRemembering = await createWasmBls(remembering);
  const nobleRemembering = harmonyBls(remembering);
  const all = committee(wasm);
  const { secretKeys, keys, signatures, weights } = all;
  const blocks = commits(wasm, all);
  const secret = herumi.secret(secretKeys[7]!);
  const decoded = keys.map((key) => herumi.key(key));
  const entries = keys.map((publicKey, i) => ({ publicKey, signature: signatures[i]! }));
  const sumBut = (absent: number): DecodedValue =>
    herumi.sum(
      decoded.filter((_, i) => i !== absent),
      'key',
    );

  const targets: BenchRow['targets'] = [{ contender: WASM, ratio: 0.95, to: HERUMI }];
  const harmony = (
    name: string,
    unit: string,
    work: Work,
    peer: PeerWork,
    more: Partial<BenchRow> & { readonly remembered?: boolean } = {},
  ): BenchRow => {
    const { remembered = false, ...rest } = more;
    return row({
      name: `BLS harmony: ${name}`,
      unit,
      contenders: [
        lane(WASM, blocks, (block) => work(remembered ? wasmRemembering : wasm, block)),
        lane(NOBLE, blocks, (block) => work(remembered ? nobleRemembering : noble, block)),
        lane(HERUMI, blocks, peer),
      ],
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
      () => herumi.sign(PAYLOAD, secret)!,
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
      'aggregate 249 public keys, remembered',
      'aggregates',
      (bls, block) => bls.aggregatePublicKeys(block.keys),
      (block) => sumBut(block.absent).serialize(),
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
      'commit of 249 of 250 keys, remembered',
      'commits',
      (bls, block) => bls.verifyAggregate(block.sum, PAYLOAD, block.keys),
      (block) => herumi.verify(herumi.signature(block.sum), PAYLOAD, sumBut(block.absent)),
      { remembered: true, targets: [...targets, { contender: WASM, perSecond: 125 }] },
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
  const all = committee(native);
  const { secretKeys, keys, signatures } = all;
  const blocks = commits(native, all);

  const secret = blst.SecretKey.fromBytes(secretKeys[7]!);
  const decoded = keys.map((key) => blst.PublicKey.fromBytes(key, true));
  const long = bls12_381.longSignatures;
  const points = keys.map((key) => bls12_381.G1.Point.fromBytes(key));
  const hash = (): ReturnType<typeof long.hash> => long.hash(PAYLOAD, IETF_MESSAGE_TAG);
  const but = <T>(items: readonly T[], absent: number): T[] => items.filter((_, i) => i !== absent);

  const ietf = (
    name: string,
    unit: string,
    work: Work,
    peers: { readonly blst: PeerWork; readonly noble: PeerWork },
    remembered = false,
  ): BenchRow =>
    row({
      name: `BLS ietf: ${name}`,
      unit,
      contenders: [
        lane(BLST, blocks, (block) => work(remembered ? nativeRemembering : native, block)),
        lane(WASM, blocks, (block) => work(remembered ? wasmRemembering : wasm, block)),
        lane(NOBLE, blocks, (block) => work(remembered ? nobleRemembering : noble, block)),
        lane(CHAINSAFE, blocks, peers.blst),
        lane(NOBLE_CURVES, blocks, peers.noble),
      ],
      baseline: NOBLE_CURVES,
      targets: [
        { contender: NOBLE, ratio: 1, to: NOBLE_CURVES },
        { contender: BLST, ratio: 0.95, to: CHAINSAFE },
      ],
    });

  return [
    ietf('sign 48 bytes', 'signatures', (bls) => bls.sign(PAYLOAD, secretKeys[7]!), {
      blst: () => secret.sign(PAYLOAD).toBytes(),
      noble: () => long.Signature.toBytes(long.sign(hash(), secretKeys[7]!)),
    }),
    ietf(
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
    ietf(
      'commit of 249 of 250 keys, remembered',
      'commits',
      (bls, block) => bls.verifyAggregate(block.sum, PAYLOAD, block.keys),
      {
        blst: (block) =>
          blst.fastAggregateVerify(
            PAYLOAD,
            but(decoded, block.absent),
            blst.Signature.fromBytes(block.sum, true),
          ),
        noble: (block) =>
          long.verify(block.sum, hash(), long.aggregatePublicKeys(but(points, block.absent))),
      },
      true,
    ),
  ];
}

/** All BLS rows. */
export async function rows(): Promise<readonly BenchRow[]> {
  return [...(await harmonyRows()), ...(await ietfRows())];
}
