/** Messages of stream sync as the vectors write them: integers as text, bytes as hex. */
import { bytesToHex, type Hash, type Hex, hexToBytes } from '@polyphony/primitives';
import type { SyncMessage } from '../src/sync.js';

interface JsonBody {
  kind: string;
  numbers?: string[];
  hashes?: Hash[];
  blocks?: { block: Hex; seal: Hex }[];
  number?: string;
  message?: string;
  field?: number;
  body?: Hex;
}

/** A message in a vector file. */
export interface JsonMessage {
  type: 'request' | 'response';
  id: string;
  question?: JsonBody;
  answer?: JsonBody;
}

/** The message that a vector means. */
export function fromJson({ type, id, question, answer }: JsonMessage): SyncMessage {
  const body = (question ?? answer)!;
  const read = {
    ...body,
    ...(body.numbers && { numbers: body.numbers.map(BigInt) }),
    ...(body.number && { number: BigInt(body.number) }),
    ...(body.body && { body: hexToBytes(body.body) }),
    ...(body.blocks && {
      blocks: body.blocks.map(({ block, seal }) => ({
        block: hexToBytes(block),
        seal: hexToBytes(seal),
      })),
    }),
  };
  return { type, id: BigInt(id), [question ? 'question' : 'answer']: read } as SyncMessage;
}

/** The same with every byte array as hex, to compare views with arrays of their own. */
export function comparable(message: SyncMessage): unknown {
  return JSON.parse(
    JSON.stringify(message, (_, value) =>
      typeof value === 'bigint'
        ? `${value}n`
        : value instanceof Uint8Array
          ? bytesToHex(value)
          : value,
    ),
  );
}
