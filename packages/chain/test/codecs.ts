/** Every decoder of the package with its encoder and valid bytes: what the hostile-input tests run over. */
import { reference } from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { hexToBytes } from '@polyphony/primitives';
import { genesisShardState } from '@polyphony/sharding';
import { loadVectors } from '@polyphony/testkit';
import {
  type CrossShardReceipt,
  computeOutgoingReceiptsRoot,
  crossShardProofOf,
  decodeAccount,
  decodeBlock,
  decodeBody,
  decodeCrossLink,
  decodeCrossLinks,
  decodeCrossShardMerkleProof,
  decodeCrossShardProof,
  decodeCrossShardReceipt,
  decodeCrossShardReceipts,
  decodeEthereumTransaction,
  decodeHeader,
  decodeReceipt,
  decodeSealedBlock,
  decodeSlashRecords,
  decodeStakingTransaction,
  decodeStoredReceipt,
  decodeTaggedRlp,
  decodeTransaction,
  EMPTY_CODE_HASH,
  EMPTY_ROOT,
  emptyHeader,
  encodeAccount,
  encodeBlock,
  encodeBody,
  encodeCrossLink,
  encodeCrossLinks,
  encodeCrossShardMerkleProof,
  encodeCrossShardProof,
  encodeCrossShardReceipt,
  encodeCrossShardReceipts,
  encodeEthereumTransaction,
  encodeHeader,
  encodeReceipt,
  encodeSealedBlock,
  encodeSlashRecords,
  encodeStakingTransaction,
  encodeStoredReceipt,
  encodeTaggedRlp,
  encodeTransaction,
  genesisBlock,
  type Log,
  type SlashRecord,
} from '../src/index.js';
import { type HeaderFields, hashOf, headerOf } from './support.js';

/** One decoder: what it accepts must encode to the same bytes. */
export interface Codec {
  readonly name: string;
  readonly samples: readonly Uint8Array[];
  /** Decodes and encodes again. */
  roundTrip(bytes: Uint8Array): Uint8Array;
}

function codec<T>(
  name: string,
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  samples: readonly Uint8Array[],
): Codec {
  return { name, samples, roundTrip: (bytes) => encode(decode(bytes)) };
}

function rlpOf(file: string): Uint8Array[] {
  const cases = loadVectors<{ rlp?: string }, { rlp?: string }>(import.meta.url, file);
  return cases
    .filter(({ error }) => error === undefined)
    .flatMap((entry) => entry.in.rlp ?? entry.out?.rlp ?? [])
    .map((rlp) => hexToBytes(rlp));
}

function headerSamples(): Uint8Array[] {
  return loadVectors<{ version: number; fields: HeaderFields }, object>(import.meta.url, 'headers')
    .filter(({ in: { fields } }) => typeof fields.shardState !== 'object')
    .map(({ in: { version, fields } }) => encodeHeader(headerOf(version, fields)));
}

const LOG: Log = {
  address: `0x${'0a'.repeat(20)}`,
  topics: [hashOf(1), hashOf(2)],
  data: Uint8Array.of(1, 2, 3),
};
const RECEIPTS: readonly CrossShardReceipt[] = [1, 2, 1].map((toShardId, i) => ({
  transactionHash: hashOf(i),
  from: `0x${'aa'.repeat(20)}`,
  to: `0x${'bb'.repeat(20)}`,
  shardId: 0,
  toShardId,
  amount: BigInt(i),
}));
const HEADER = {
  ...emptyHeader(3),
  number: 9n,
  outgoingReceiptsRoot: computeOutgoingReceiptsRoot(RECEIPTS),
};
const PROOF = crossShardProofOf({
  header: HEADER,
  receipts: RECEIPTS,
  toShardId: 1,
  commitSignature: new Uint8Array(96),
  commitBitmap: Uint8Array.of(1),
})!;
const SLASH: SlashRecord = {
  evidence: {
    epoch: 1n,
    shardId: 1,
    height: 2n,
    viewId: 3n,
    firstVote: {
      signerPublicKeys: [new Uint8Array(48)],
      blockHash: hashOf(1),
      signature: new Uint8Array(96),
    },
    secondVote: { signerPublicKeys: [], blockHash: hashOf(2), signature: new Uint8Array(0) },
    offender: `0x${'aa'.repeat(20)}`,
  },
  reporter: `0x${'bb'.repeat(20)}`,
};

/** Header fields: the empty list is accepted beside the empty string, as nodes do. */
function listField<T>(
  name: string,
  decode: (bytes: Uint8Array) => T[],
  encode: (value: readonly T[]) => Uint8Array,
  samples: readonly Uint8Array[],
): Codec {
  const isEmptyList = (bytes: Uint8Array): boolean => bytes.length === 1 && bytes[0] === 0xc0;
  return {
    name,
    samples,
    roundTrip: (bytes) => {
      const items = decode(bytes);
      return items.length === 0 && isEmptyList(bytes) ? bytes : encode(items);
    },
  };
}

/** All decoders. */
export function allCodecs(): readonly Codec[] {
  const transactions = rlpOf('transactions');
  const staking = rlpOf('staking-transactions');
  const shardState = genesisShardState(reference, referenceAccounts);
  const genesis = genesisBlock(reference, 0, { shardState });
  const full = {
    ...genesis,
    transactions: transactions.slice(0, 3).map(decodeTransaction),
    stakingTransactions: staking.slice(0, 2),
    uncles: [encodeHeader(emptyHeader(1))],
    incomingReceipts: [encodeCrossShardProof(PROOF)],
  };
  const { header: _, ...lists } = full;
  const sealed = {
    block: full,
    commitSignature: new Uint8Array(96).fill(3),
    commitBitmap: Uint8Array.of(7),
  };
  const receipt = {
    status: 'success',
    cumulativeGasUsed: 21000n,
    logsBloom: new Uint8Array(256),
    logs: [LOG],
  } as const;
  const stored = {
    ...receipt,
    transactionHash: hashOf(4),
    contractAddress: LOG.address,
    logs: [
      {
        ...LOG,
        blockNumber: 9n,
        transactionHash: hashOf(4),
        transactionIndex: 0,
        blockHash: hashOf(5),
        logIndex: 0,
      },
    ],
    gasUsed: 21000n,
    effectiveGasPrice: undefined,
  };
  const account = { nonce: 1n, balance: 2n, storageRoot: EMPTY_ROOT, codeHash: EMPTY_CODE_HASH };
  return [
    codec('tagged RLP', decodeTaggedRlp, encodeTaggedRlp, rlpOf('tagged-rlp')),
    codec('header', decodeHeader, encodeHeader, headerSamples()),
    codec('transaction', decodeTransaction, encodeTransaction, transactions),
    codec(
      'Ethereum transaction',
      (bytes) => decodeEthereumTransaction(bytes, 0),
      encodeEthereumTransaction,
      rlpOf('ethereum-transactions'),
    ),
    codec('staking transaction', decodeStakingTransaction, encodeStakingTransaction, staking),
    codec('body', decodeBody, encodeBody, [
      ...rlpOf('bodies'),
      encodeBody({ version: 2, ...lists }),
      encodeBody({ version: 1, ...lists, stakingTransactions: [] }),
    ]),
    codec('block', decodeBlock, encodeBlock, [
      ...rlpOf('blocks'),
      encodeBlock(genesis),
      encodeBlock(full),
    ]),
    codec('sealed block', decodeSealedBlock, encodeSealedBlock, [encodeSealedBlock(sealed)]),
    codec('receipt', decodeReceipt, encodeReceipt, [
      encodeReceipt(receipt),
      encodeReceipt({ ...receipt, status: { postState: hashOf(3) } }),
      encodeReceipt({ ...receipt, status: 'failure', logs: [] }),
    ]),
    codec('stored receipt', decodeStoredReceipt, encodeStoredReceipt, [
      encodeStoredReceipt(stored),
      encodeStoredReceipt({ ...stored, effectiveGasPrice: 5n }),
    ]),
    codec('account', decodeAccount, encodeAccount, [encodeAccount(account)]),
    codec('cross-link', decodeCrossLink, encodeCrossLink, rlpOf('cross-links')),
    listField('cross-links', decodeCrossLinks, encodeCrossLinks, [
      new Uint8Array(0),
      encodeCrossLinks(rlpOf('cross-links').map(decodeCrossLink)),
    ]),
    listField('slash records', decodeSlashRecords, encodeSlashRecords, [
      encodeSlashRecords([SLASH]),
    ]),
    codec(
      'cross-shard receipt',
      decodeCrossShardReceipt,
      encodeCrossShardReceipt,
      rlpOf('cross-shard-receipts'),
    ),
    codec('cross-shard receipts', decodeCrossShardReceipts, encodeCrossShardReceipts, [
      encodeCrossShardReceipts([]),
      encodeCrossShardReceipts(RECEIPTS),
    ]),
    codec(
      'merkle proof',
      decodeCrossShardMerkleProof,
      encodeCrossShardMerkleProof,
      rlpOf('cross-shard-merkle-proof'),
    ),
    codec('cross-shard proof', decodeCrossShardProof, encodeCrossShardProof, [
      encodeCrossShardProof(PROOF),
    ]),
  ];
}
