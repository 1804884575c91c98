/**
 * Checking real mainnet headers, from bytes to the answer, beside what bls-eth-wasm needs for the
 * signature alone.
 *
 * The peer is given the payload and keeps its 250 keys decoded; ours decodes the header, hashes it,
 * checks its rules and counts its signers as well. Headers alternate, so that no sum of keys can be
 * used again as it is.
 */
import { readFileSync } from 'node:fs';
import { type Bls, harmonyBls } from '@polyphony/bls';
import { createWasmBls } from '@polyphony/bls/wasm';
import { decodeHeader, encodeHeader } from '@polyphony/chain';
import { sealingCommittee, verifyHeader } from '@polyphony/light-client';
import { mainnet } from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { hexToBytes } from '@polyphony/primitives';
import { committeeOf, encodeShardState, staticShardState } from '@polyphony/sharding';
import { loadBlsReference } from '@polyphony/testkit/bls-eth-wasm';
import { type BenchRow, row } from './harness.js';

const WASM = 'polyphony (mcl-wasm)';
const NOBLE = 'polyphony (noble)';
const PEER = 'bls-eth-wasm, the signature alone';

interface Sealed {
  readonly header: Uint8Array;
  readonly signature: Uint8Array;
  readonly bitmap: Uint8Array;
  readonly payload: Uint8Array;
  readonly endsEpoch: boolean;
}

const committees = staticShardState(mainnet, mainnetAccounts, 86n);
const own = committeeOf(committees, 0);

function readHeaders(): readonly Sealed[] {
  const path = '../../packages/light-client/vectors/mainnet-headers.json';
  const { cases } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
    cases: {
      in: { header: string; endsEpoch: boolean; signature: string; bitmap: string };
      out: { payload: string };
    }[];
  };
  const shardState = encodeShardState(committees, 'legacy');
  return cases.map(({ in: given, out }) => {
    const bare = decodeHeader(hexToBytes(given.header));
    return {
      header: encodeHeader(given.endsEpoch ? { ...bare, shardState } : bare),
      signature: hexToBytes(given.signature),
      bitmap: hexToBytes(given.bitmap),
      payload: hexToBytes(out.payload),
      endsEpoch: given.endsEpoch,
    };
  });
}

/** A check of the next header in every run, and of the first for comparison. */
function lane(name: string, headers: readonly Sealed[], check: (sealed: Sealed) => boolean) {
  let next = 0;
  return {
    name,
    run: () => check(headers[next++ % headers.length]!),
    output: () => headers.every(check),
  };
}

function ours(bls: Bls): (sealed: Sealed) => boolean {
  const prepared = new Map([86n, 87n, 88n].map((e) => [e, sealingCommittee(mainnet, e, own)]));
  return ({ header: bytes, signature, bitmap }) => {
    const header = decodeHeader(bytes);
    const committee = prepared.get(header.epoch)!;
    return verifyHeader(
      { header, seal: { signature, bitmap } },
      { network: mainnet, bls, committee },
    );
  };
}

/** Rows of this file. */
export async function rows(): Promise<readonly BenchRow[]> {
  const headers = readHeaders();
  const remembering = { cachedPublicKeys: own.slots.length };
  const wasm = ours(await createWasmBls(remembering));
  const noble = ours(harmonyBls(remembering));
  const reference = (await loadBlsReference()).decoded;
  const keys = own.slots.map(({ blsPublicKey }) => reference.key(blsPublicKey));
  const peer = ({ signature, bitmap, payload }: Sealed): boolean => {
    const signers = keys.filter((_, i) => ((bitmap[i >> 3]! >> (i & 7)) & 1) === 1);
    return reference.verify(reference.signature(signature), payload, reference.sum(signers, 'key'));
  };
  const compare = (name: string, some: readonly Sealed[], targets: BenchRow['targets'] = []) =>
    row({
      name,
      unit: 'headers',
      contenders: [lane(WASM, some, wasm), lane(NOBLE, some, noble), lane(PEER, some, peer)],
      baseline: PEER,
      targets,
    });
  return [
    compare(
      'Header sealed by 250 keys: decode, hash, check',
      headers.filter(({ endsEpoch }) => !endsEpoch),
      [{ contender: WASM, ratio: 1 / 1.3, to: PEER }],
    ),
    compare(
      'Header that ends an epoch, 72 kB of committees: decode, hash, check',
      headers.filter(({ endsEpoch }) => endsEpoch),
    ),
  ];
}
