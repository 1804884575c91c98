/**
 * The blocks of one shard in a key-value store: what a node keeps and what its RPC reads.
 *
 * A block, its receipts, its seal, the state it leads to and the head pointer are one atomic,
 * durable batch: after a crash the node is at a whole block. Keys and values are the Go node's.
 * Not here: whether a block is valid.
 *
 * @source harmony/core/rawdb/schema.go, accessors_chain.go
 */
import { bitmapLength } from '@polyphony/bls/bitmap';
import {
  type Block,
  bodyOf,
  computeBlockHash,
  decodeBody,
  decodeCommitSeal,
  decodeHeader,
  decodeStoredReceipt,
  encodeBody,
  encodeHeader,
  encodeStoredReceipt,
  ethereumTransactionHash,
  type Header,
  type SealFields,
  type StoredReceipt,
  transactionHash,
} from '@polyphony/chain';
import {
  blockNumberKey,
  blockSealKey,
  bodyKey,
  canonicalHashKey,
  headerKey,
  receiptsKey,
  transactionLookupKey,
} from '@polyphony/chain/database-keys';
import { decodeSeal, encodeSeal } from '@polyphony/fbft/seal';
import type { Network } from '@polyphony/networks';
import {
  bigIntToBytes,
  bytesToBigInt,
  bytesToHex,
  encodeRlp,
  type Hash,
  hexToBytes,
  isProtocolError,
  keccak256,
  openRlpList,
  utf8ToBytes,
} from '@polyphony/primitives';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';

/** A block with its hash. */
export interface ChainBlock {
  readonly hash: Hash;
  readonly block: Block;
}

/** Where a transaction is. */
export interface TransactionPlace {
  readonly blockHash: Hash;
  readonly blockNumber: bigint;
  readonly index: number;
}

/** The blocks of one shard. Reads are synchronous; a read of something absent gives undefined. */
export interface ChainStore {
  /** The newest block. */
  readonly head: ChainBlock;
  hashOf(number: bigint): Hash | undefined;
  header(hash: Hash): Header | undefined;
  headerAt(number: bigint): Header | undefined;
  block(hash: Hash): ChainBlock | undefined;
  blockAt(number: bigint): ChainBlock | undefined;
  receipts(hash: Hash): readonly StoredReceipt[];
  /** A plain transaction, by either hash. */
  place(transaction: Hash): TransactionPlace | undefined;
  /** A staking transaction; its index counts the staking transactions of the block. */
  stakingPlace(transaction: Hash): TransactionPlace | undefined;
  /** The seal of a block, as the header after it carries one. */
  seal(number: bigint): SealFields | undefined;
  /**
   * Makes a child of the head the new head, with the changes of its state. Durable once resolved.
   *
   * @throws Error when the block is not the child of the head.
   */
  append(
    block: Block,
    receipts: readonly StoredReceipt[],
    seal: SealFields,
    state: readonly BatchOperation[],
  ): Promise<void>;
  /** Replaces the seal of a stored block by one of more signers. */
  replaceSeal(number: bigint, seal: SealFields): Promise<void>;
}

/** The head pointer; the Go node's database has the same one. */
const HEAD_KEY = utf8ToBytes('LastBlock');

function blockOperations(
  { hash, block }: ChainBlock,
  receipts: readonly StoredReceipt[],
): BatchOperation[] {
  const { number } = block.header;
  const id = hexToBytes(hash);
  const operations: BatchOperation[] = [
    { type: 'put', key: headerKey(number, hash), value: encodeHeader(block.header) },
    { type: 'put', key: canonicalHashKey(number), value: id },
    { type: 'put', key: blockNumberKey(hash), value: bigIntToBytes(number, 8) },
    { type: 'put', key: bodyKey(number, hash), value: encodeBody(bodyOf(block)) },
    {
      type: 'put',
      key: receiptsKey(number, hash),
      value: encodeRlp(receipts.map((receipt) => ({ rlp: encodeStoredReceipt(receipt) }))),
    },
    { type: 'put', key: HEAD_KEY, value: id },
  ];
  block.transactions.forEach((transaction, index) => {
    const value = encodeRlp([id, number, index]);
    for (const name of [transactionHash(transaction), ethereumTransactionHash(transaction)]) {
      operations.push({ type: 'put', key: transactionLookupKey(name), value });
    }
  });
  block.stakingTransactions.forEach((transaction, index) => {
    const key = transactionLookupKey(bytesToHex(keccak256(transaction)));
    operations.push({ type: 'put', key, value: encodeRlp([id, number, index]) });
  });
  return operations;
}

/**
 * Opens the chain in a store; an empty store gets the genesis block and its state first.
 *
 * @throws Error when the store holds the chain of another genesis, or its head cannot be read.
 */
export async function openChainStore(
  store: KeyValueStore,
  genesis: Block,
  genesisState: readonly BatchOperation[],
): Promise<ChainStore> {
  const numberOf = (hash: Hash): bigint | undefined => {
    const bytes = store.getSync(blockNumberKey(hash));
    return bytes === undefined ? undefined : bytesToBigInt(bytes);
  };
  const hashOf = (number: bigint): Hash | undefined => {
    const bytes = store.getSync(canonicalHashKey(number));
    return bytes === undefined ? undefined : bytesToHex(bytes);
  };
  const header = (hash: Hash): Header | undefined => {
    const number = numberOf(hash);
    if (number === undefined) return undefined;
    const bytes = store.getSync(headerKey(number, hash));
    return bytes === undefined ? undefined : decodeHeader(bytes);
  };
  const block = (hash: Hash): ChainBlock | undefined => {
    const found = header(hash);
    if (found === undefined) return undefined;
    const bytes = store.getSync(bodyKey(found.number, hash));
    if (bytes === undefined) return undefined;
    const { version: _, ...lists } = decodeBody(bytes);
    return { hash, block: { header: found, ...lists } };
  };

  /** Plain and staking transactions have entries of one form. */
  const lookUp = (transaction: Hash): TransactionPlace | undefined => {
    const bytes = store.getSync(transactionLookupKey(transaction));
    if (bytes === undefined) return undefined;
    const list = openRlpList(bytes);
    const blockHash = bytesToHex(list.readFixed(32));
    return { blockHash, blockNumber: list.readBigInt(64), index: list.readUint32() };
  };

  const genesisHash = computeBlockHash(genesis);
  const stored = hashOf(0n);
  if (stored === undefined) {
    const first: ChainBlock = { hash: genesisHash, block: genesis };
    await store.write([...genesisState, ...blockOperations(first, [])], { durable: true });
  } else if (stored !== genesisHash) {
    throw new Error(
      `the data folder holds another chain: genesis ${stored}, expected ${genesisHash}`,
    );
  }
  const headBytes = store.getSync(HEAD_KEY);
  const opened = headBytes === undefined ? undefined : block(bytesToHex(headBytes));
  if (opened === undefined) throw new Error('the data folder has no readable head block');
  let head: ChainBlock = opened;

  return {
    get head() {
      return head;
    },
    hashOf,
    header,
    headerAt(number) {
      const hash = hashOf(number);
      return hash === undefined ? undefined : header(hash);
    },
    block,
    blockAt(number) {
      const hash = hashOf(number);
      return hash === undefined ? undefined : block(hash);
    },
    receipts(hash) {
      const number = numberOf(hash);
      if (number === undefined) return [];
      const bytes = store.getSync(receiptsKey(number, hash));
      if (bytes === undefined) return [];
      const list = openRlpList(bytes);
      const receipts: StoredReceipt[] = [];
      while (!list.done) receipts.push(decodeStoredReceipt(list.readRaw()));
      return receipts;
    },
    place(name) {
      const place = lookUp(name);
      const transaction = place && block(place.blockHash)?.block.transactions[place.index];
      if (transaction === undefined) return undefined;
      const names = [transactionHash(transaction), ethereumTransactionHash(transaction)];
      return names.includes(name) ? place : undefined;
    },
    stakingPlace(name) {
      const place = lookUp(name);
      const bytes = place && block(place.blockHash)?.block.stakingTransactions[place.index];
      return bytes !== undefined && bytesToHex(keccak256(bytes)) === name ? place : undefined;
    },
    seal(number) {
      const bytes = store.getSync(blockSealKey(number));
      return bytes === undefined ? undefined : decodeSeal(bytes);
    },
    async append(child, receipts, seal, state) {
      if (
        child.header.parentHash !== head.hash ||
        child.header.number !== head.block.header.number + 1n
      ) {
        throw new Error(
          `block ${child.header.number} is not the child of the head ${head.block.header.number}`,
        );
      }
      const next: ChainBlock = { hash: computeBlockHash(child), block: child };
      await store.write(
        [
          ...state,
          ...blockOperations(next, receipts),
          { type: 'put', key: blockSealKey(child.header.number), value: encodeSeal(seal) },
        ],
        { durable: true },
      );
      head = next;
    },
    async replaceSeal(number, seal) {
      await store.write([{ type: 'put', key: blockSealKey(number), value: encodeSeal(seal) }]);
    },
  };
}

/**
 * Refuses a chain whose head was sealed under another consensus version: nobody could go on with it.
 *
 * @param committeeSize - Of the head.
 * @throws Error
 */
export function assertOwnSeal(chain: ChainStore, network: Network, committeeSize: number): void {
  const { number } = chain.head.block.header;
  const fields = number === 0n ? undefined : chain.seal(number);
  if (fields === undefined) return;
  if (bitmapOf(fields, network)?.length === bitmapLength(committeeSize)) return;
  throw new Error(
    `the data folder holds blocks of another consensus version than ${network.consensusVersion}: start with an empty one`,
  );
}

function bitmapOf(fields: SealFields, network: Network): Uint8Array | undefined {
  try {
    return decodeCommitSeal(fields, network).bitmap;
  } catch (error) {
    if (isProtocolError(error)) return undefined;
    throw error;
  }
}
