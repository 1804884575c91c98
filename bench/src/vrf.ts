/**
 * The verifiable random function of block headers: a proposer's evaluation, and the check of it by everyone
 * else.
 *
 * Packages for other chains have functions of their own, with other outputs. The peer does the same work
 * with the library the network's nodes use, compiled to WebAssembly: hash, sign, hash again.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { harmonyBls } from '@polyphony/bls';
import { createWasmBls } from '@polyphony/bls/wasm';
import { concatBytes, equalBytes } from '@polyphony/primitives';
import { evaluateVrf, verifyVrf } from '@polyphony/randomness';
import { loadBlsReference } from '@polyphony/testkit/bls-eth-wasm';
import { type BenchRow, row } from './harness.js';

const WASM = 'polyphony (mcl-wasm)';
const NOBLE = 'polyphony (noble)';
const HERUMI = 'bls-eth-wasm';
/** Parents that take turns: a proposer never sees one twice. */
const PARENTS = 8;

/** Rows of this file. */
export async function rows(): Promise<readonly BenchRow[]> {
  const herumi = (await loadBlsReference()).decoded;
  const wasm = await createWasmBls();
  const noble = harmonyBls();
  const secretKey = new Uint8Array(32).fill(9);
  const secret = herumi.secret(secretKey);
  const publicKey = wasm.getPublicKey(secretKey);
  const blocks = Array.from({ length: PARENTS }, (_, i) => {
    const parentHash = sha256(Uint8Array.of(i));
    return { parentHash, field: evaluateVrf(wasm, secretKey, parentHash) };
  });
  type Work = (block: (typeof blocks)[number]) => Uint8Array | boolean;
  const lane = (name: string, work: Work) => {
    let next = 0;
    return { name, run: () => work(blocks[next++ % PARENTS]!), output: () => blocks.map(work) };
  };
  const peerEvaluate: Work = ({ parentHash }) => {
    const proof = herumi.sign(sha256(parentHash), secret)!;
    return concatBytes(sha256(proof), proof);
  };
  const peerVerify: Work = ({ parentHash, field }) => {
    const proof = field.subarray(32);
    return (
      equalBytes(sha256(proof), field.subarray(0, 32)) &&
      herumi.verify(herumi.signature(proof), sha256(parentHash), herumi.key(publicKey))
    );
  };
  const targets = [{ contender: WASM, ratio: 0.95, to: HERUMI }];
  return [
    row({
      name: 'VRF: prove over a parent hash',
      unit: 'proofs',
      contenders: [
        lane(WASM, ({ parentHash }) => evaluateVrf(wasm, secretKey, parentHash)),
        lane(NOBLE, ({ parentHash }) => evaluateVrf(noble, secretKey, parentHash)),
        lane(HERUMI, peerEvaluate),
      ],
      baseline: HERUMI,
      targets,
    }),
    row({
      name: 'VRF: verify, key and field as bytes',
      unit: 'proofs',
      contenders: [
        lane(WASM, ({ parentHash, field }) => verifyVrf(wasm, publicKey, parentHash, field)),
        lane(NOBLE, ({ parentHash, field }) => verifyVrf(noble, publicKey, parentHash, field)),
        lane(HERUMI, peerVerify),
      ],
      baseline: HERUMI,
      targets,
    }),
  ];
}
