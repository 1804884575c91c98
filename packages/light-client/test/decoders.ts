/**
 * What a source can send a light client, as bytes: each must be refused with a coded error, or be
 * exactly what the committee sealed. A lie that holds is thrown as a plain error and so found.
 */
import {
  decodeCrossLink,
  decodeCrossShardProof,
  decodeHeader,
  encodeCrossLink,
  encodeCrossShardProof,
  encodeHeader,
} from '@polyphony/chain';
import { encodeRlp, hexToBytes, ProtocolError } from '@polyphony/primitives';
import type { FuzzTarget } from '@polyphony/testkit';
import {
  LightClientError,
  verifyCrossLink,
  verifyCrossShardReceipt,
  verifyEpochChange,
  verifyHeader,
} from '../src/index.js';
import { decodeMeta } from '../src/store.js';
import { chain, committeeAt, crossShardStory, network, rules } from './story.js';
import { harmony as bls } from './support.js';

/** A verdict that must be `truth`: refused when both say no. */
function judged(holds: boolean, truth: boolean): undefined {
  if (holds !== truth) throw new Error(holds ? 'a lie holds' : 'the truth is refused');
  if (!holds)
    throw new LightClientError({ code: 'light-client/invalid-store', reason: 'does not hold' });
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** All of them. */
export function decoders(): readonly FuzzTarget[] {
  const story = crossShardStory();
  const proofBytes = encodeCrossShardProof(story.proof);
  const link = encodeCrossLink(story.link);
  const sealed = chain.headers[10]!;
  const sealedBytes = encodeHeader(sealed.header);
  const context = {
    network,
    bls,
    committee: committeeAt(sealed.header.epoch, 0)!,
  };
  const seal = Buffer.concat([sealed.seal.signature, sealed.seal.bitmap]);
  const last = chain.headers[7]!.header;
  const meta = [1, 0, 5n, new Uint8Array(32).fill(1), 9n, new Uint8Array(32).fill(2)];
  const costs = { refusal: ProtocolError, baseMs: 60, allocates: true };
  return [
    {
      ...costs,
      name: 'header under its seal',
      samples: [sealedBytes],
      run: (bytes) => {
        const decoded = decodeHeader(bytes);
        const holds = verifyHeader({ header: decoded, seal: sealed.seal }, context);
        return judged(holds, same(encodeHeader(decoded), sealedBytes));
      },
    },
    {
      ...costs,
      name: 'seal of a header',
      samples: [seal],
      run: (bytes) => {
        const given = { signature: bytes.subarray(0, 96), bitmap: bytes.subarray(96) };
        return judged(
          verifyHeader({ header: sealed.header, seal: given }, context),
          same(bytes, seal),
        );
      },
    },
    {
      ...costs,
      name: 'cross-shard proof under its seal',
      samples: [proofBytes],
      run: (bytes) => {
        const decoded = decodeCrossShardProof(bytes);
        const truth = same(encodeCrossShardProof(decoded), proofBytes);
        return judged(verifyCrossShardReceipt(decoded, rules), truth);
      },
    },
    {
      ...costs,
      name: 'cross-link under its seal',
      samples: [link],
      run: (bytes) => {
        const decoded = decodeCrossLink(bytes);
        const holds = verifyCrossLink(decoded, { ...rules, beaconEpoch: 1n });
        return judged(holds, same(encodeCrossLink(decoded), link));
      },
    },
    {
      ...costs,
      name: 'committees at an epoch end',
      samples: [last.shardState],
      run: (bytes) => {
        const changed = { ...last, shardState: bytes };
        const holds = verifyEpochChange(changed, chain.committeesAt(1n), { network });
        return judged(holds, same(bytes, last.shardState));
      },
    },
    {
      name: 'record of the head in a store',
      samples: [encodeRlp(meta)],
      refusal: LightClientError,
      run: (bytes) => {
        const read = decodeMeta(bytes);
        return encodeRlp([
          ...[1, read.shardId, read.checkpointNumber, hexToBytes(read.checkpointHash)],
          ...[read.headNumber, hexToBytes(read.headHash)],
        ]);
      },
    },
  ];
}
