/** secp256k1 and Keccak-256: both engines beside viem, ox, ethers and the library under the default. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { nobleEngine, type RecoverableSignature } from '@polyphony/crypto';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { bytesToBigInt, bytesToHex, hexToBytes } from '@polyphony/primitives';
import * as ethers from 'ethers';
import * as OxHash from 'ox/Hash';
import * as OxSecp256k1 from 'ox/Secp256k1';
import { keccak256 as viemKeccak, recoverPublicKey as viemRecover } from 'viem';
import { sign as viemSign } from 'viem/accounts';
import { type BenchRow, row } from './harness.js';

interface Case {
  readonly digest: Uint8Array;
  readonly secretKey: Uint8Array;
  readonly signature: RecoverableSignature;
  readonly publicKey: Uint8Array;
  readonly hex: { readonly digest: `0x${string}`; readonly secretKey: `0x${string}` };
  /** r and s, 64 bytes. */
  readonly compact: Uint8Array;
}

const COUNT = 4;

function makeCase(index: number): Case {
  const digest = nobleEngine.keccak256(Uint8Array.of(1, index));
  const secretKey = nobleEngine.keccak256(Uint8Array.of(2, index));
  const signature = nobleEngine.signDigest(digest, secretKey);
  return {
    digest,
    secretKey,
    signature,
    publicKey: nobleEngine.getPublicKey(secretKey),
    hex: { digest: bytesToHex(digest), secretKey: bytesToHex(secretKey) },
    compact: secp256k1.sign(digest, secretKey, { prehash: false }),
  };
}

/** r, s and the recovery bit as one comparable text. */
const asText = (r: bigint, s: bigint, recovery: number): string =>
  `${r.toString(16)} ${s.toString(16)} ${recovery}`;

export async function rows(): Promise<readonly BenchRow[]> {
  const wasmEngine = await createWasmEngine();
  const cases = Array.from({ length: COUNT }, (_, i) => makeCase(i));
  const each = (name: string, work: (input: Case) => unknown, output: (input: Case) => string) => ({
    name,
    run: () => {
      for (const input of cases) work(input);
    },
    output: () => cases.map(output),
  });
  const same = (name: string, work: (input: Case) => string) => each(name, work, work);
  const key = (name: string, work: (input: Case) => Uint8Array) =>
    each(name, work, (input) => bytesToHex(work(input)));

  const oxSignature = ({ signature }: Case) => ({
    r: bytesToHex(hexToBytes(signature.r.toString(16).padStart(64, '0'))),
    s: bytesToHex(hexToBytes(signature.s.toString(16).padStart(64, '0'))),
    yParity: signature.recovery,
  });
  const oxSignatures = new Map(cases.map((input) => [input, oxSignature(input)]));
  const ethersKeys = new Map(
    cases.map((input) => [input, new ethers.SigningKey(input.hex.secretKey)]),
  );
  const ethersSignatures = new Map(
    cases.map((input) => [input, ethersKeys.get(input)!.sign(input.hex.digest)]),
  );

  const sign = [nobleEngine, wasmEngine].map((engine) =>
    each(
      `polyphony (${engine.name})`,
      ({ digest, secretKey }) => engine.signDigest(digest, secretKey),
      ({ digest, secretKey }) => {
        const { r, s, recovery } = engine.signDigest(digest, secretKey);
        return asText(r, s, recovery);
      },
    ),
  );
  const recover = [nobleEngine, wasmEngine].map((engine) =>
    key(`polyphony (${engine.name})`, ({ digest, signature }) =>
      engine.recoverPublicKey(digest, signature),
    ),
  );
  const verify = [nobleEngine, wasmEngine].map((engine) =>
    same(`polyphony (${engine.name})`, ({ digest, signature, publicKey }) =>
      String(engine.verifyDigest(digest, signature, publicKey)),
    ),
  );
  const derive = [nobleEngine, wasmEngine].map((engine) =>
    key(`polyphony (${engine.name})`, ({ secretKey }) => engine.getPublicKey(secretKey)),
  );
  const message = Uint8Array.from({ length: 110 }, (_, i) => i * 7);
  const hash = (name: string, work: () => Uint8Array | string) => ({
    name,
    run: work,
    output: () => {
      const came = work();
      return typeof came === 'string' ? hexToBytes(came) : came;
    },
  });

  return [
    row({
      name: 'secp256k1 sign a digest',
      unit: 'signatures',
      perRun: COUNT,
      contenders: [
        ...sign,
        {
          name: 'viem',
          run: async () => {
            for (const { hex } of cases) {
              await viemSign({ hash: hex.digest, privateKey: hex.secretKey });
            }
          },
          output: () =>
            Promise.all(
              cases.map(async ({ hex }) => {
                const signed = await viemSign({ hash: hex.digest, privateKey: hex.secretKey });
                return asText(BigInt(signed.r), BigInt(signed.s), signed.yParity!);
              }),
            ),
        },
        same('ox', ({ digest, hex }) => {
          const { r, s, yParity } = OxSecp256k1.sign({
            payload: digest,
            privateKey: hex.secretKey,
          });
          return asText(BigInt(r), BigInt(s), yParity!);
        }),
        each(
          'ethers',
          (input) => ethersKeys.get(input)!.sign(input.hex.digest),
          (input) => {
            const { r, s, yParity } = ethersKeys.get(input)!.sign(input.hex.digest);
            return asText(BigInt(r), BigInt(s), yParity);
          },
        ),
        each(
          'noble',
          ({ digest, secretKey }) =>
            secp256k1.sign(digest, secretKey, { prehash: false, format: 'recovered' }),
          ({ digest, secretKey }) => {
            const bytes = secp256k1.sign(digest, secretKey, {
              prehash: false,
              format: 'recovered',
            });
            const [r, s] = [bytes.subarray(1, 33), bytes.subarray(33)];
            return asText(bytesToBigInt(r), bytesToBigInt(s), bytes[0]!);
          },
        ),
      ],
      baseline: 'viem',
      targets: [
        { contender: 'polyphony (noble)', ratio: 1, to: 'viem' },
        { contender: 'polyphony (wasm)', ratio: 7, to: 'viem' },
      ],
    }),
    row({
      name: 'secp256k1 recover a public key',
      unit: 'recoveries',
      perRun: COUNT,
      contenders: [
        ...recover,
        {
          name: 'viem',
          run: async () => {
            for (const input of cases) {
              const signature = oxSignatures.get(input)!;
              await viemRecover({ hash: input.hex.digest, signature });
            }
          },
          output: () =>
            Promise.all(
              cases.map((input) =>
                viemRecover({ hash: input.hex.digest, signature: oxSignatures.get(input)! }),
              ),
            ),
        },
        same('ox', (input) => {
          const { x, y } = OxSecp256k1.recoverPublicKey({
            payload: input.digest,
            signature: oxSignatures.get(input)!,
          });
          return `0x04${x.slice(2)}${y?.slice(2)}`;
        }),
        same('ethers', (input) =>
          ethers.SigningKey.recoverPublicKey(input.hex.digest, ethersSignatures.get(input)!),
        ),
      ],
      baseline: 'viem',
      targets: [
        { contender: 'polyphony (noble)', ratio: 1, to: 'viem' },
        { contender: 'polyphony (wasm)', ratio: 20, to: 'viem' },
      ],
    }),
    row({
      name: 'secp256k1 verify a signature',
      unit: 'signatures',
      perRun: COUNT,
      contenders: [
        ...verify,
        same('noble', ({ digest, compact, publicKey }) =>
          String(secp256k1.verify(compact, digest, publicKey, { prehash: false })),
        ),
      ],
      baseline: 'noble',
      targets: [{ contender: 'polyphony (wasm)', ratio: 10, to: 'noble' }],
    }),
    row({
      name: 'secp256k1 derive a public key',
      unit: 'keys',
      perRun: COUNT,
      contenders: [
        ...derive,
        key('noble', ({ secretKey }) => secp256k1.getPublicKey(secretKey, false)),
        same('ethers', ({ hex }) => ethers.SigningKey.computePublicKey(hex.secretKey, false)),
      ],
      baseline: 'noble',
      targets: [{ contender: 'polyphony (wasm)', ratio: 5, to: 'noble' }],
    }),
    row({
      name: 'Keccak-256 of 110 bytes',
      unit: 'hashes',
      contenders: [
        hash('polyphony (noble)', () => nobleEngine.keccak256(message)),
        hash('polyphony (wasm)', () => wasmEngine.keccak256(message)),
        hash('viem', () => viemKeccak(message, 'bytes')),
        hash('ox', () => OxHash.keccak256(message)),
        hash('ethers', () => ethers.keccak256(message)),
      ],
      baseline: 'viem',
      targets: [{ contender: 'polyphony (noble)', ratio: 1, to: 'viem' }],
    }),
  ];
}
