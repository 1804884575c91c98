/**
 * Plain transactions: both byte forms, both hashes, what is signed and who signed it.
 *
 * A block holds a transaction in the Harmony form of 11 items even if a wallet signed it as an
 * Ethereum transaction of 9. Not here: staking transactions, gas, and validity against a state.
 *
 * @source harmony/core/types/transaction.go, eth_transaction.go, transaction_signing.go
 */
import { type Engine, nobleEngine, type RecoverableSignature } from '@polyphony/crypto';
import {
  ethChainIdOfShard,
  isActive,
  isEthCompatibleChainId,
  type Network,
  shardingAt,
} from '@polyphony/networks';
import {
  type Address,
  addressFromBytes,
  bytesToHex,
  encodeRlp,
  type Hash,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { ChainError, decoding } from './errors.js';
import {
  bytesField,
  EMPTY_BYTES,
  hexField,
  readOwnBytes,
  uint32Field,
  uintField,
} from './fields.js';
import { defaultHasher, type Hasher } from './hasher.js';
import { recoverAccount } from './signer.js';

/** What a sender asks for. Amounts are atto. */
export interface Transaction {
  readonly nonce: bigint;
  /** Atto per unit of gas. */
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
  /** The shard that runs it. */
  readonly shardId: number;
  /** The shard that receives the value; differs from `shardId` in a cross-shard transfer. */
  readonly toShardId: number;
  /** Left undefined to create a contract. */
  readonly to: Address | undefined;
  readonly value: bigint;
  readonly data: Uint8Array;
}

/** A transaction with its signature. `v` carries the chain id, see {@link chainIdOfV}. */
export interface SignedTransaction extends Transaction {
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

function toField(to: Address | undefined): Uint8Array {
  return to === undefined ? EMPTY_BYTES : hexField(to, 20, 'to');
}

/** The unsigned fields in order. */
function callItems(tx: Transaction, withShards: boolean): RlpInput[] {
  const items: RlpInput[] = [
    uintField(tx.nonce, 64, 'nonce'),
    uintField(tx.gasPrice, 256, 'gasPrice'),
    uintField(tx.gasLimit, 64, 'gasLimit'),
  ];
  if (withShards) {
    items.push(uint32Field(tx.shardId, 'shardId'), uint32Field(tx.toShardId, 'toShardId'));
  }
  items.push(toField(tx.to), uintField(tx.value, 256, 'value'), bytesField(tx.data, 'data'));
  return items;
}

function signedItems(tx: SignedTransaction, withShards: boolean): RlpInput[] {
  const items = callItems(tx, withShards);
  items.push(uintField(tx.v, 256, 'v'), uintField(tx.r, 256, 'r'), uintField(tx.s, 256, 's'));
  return items;
}

/**
 * The Harmony form: `[nonce, gasPrice, gasLimit, shardId, toShardId, to, value, data, v, r, s]`.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/transaction.go: txdata
 */
export function encodeTransaction(tx: SignedTransaction): Uint8Array {
  return encodeRlp(signedItems(tx, true));
}

/**
 * The Ethereum form of 9 items, without the shard ids. Only wallets and hashes use it.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/eth_transaction.go: ethTxdata
 */
export function encodeEthereumTransaction(tx: SignedTransaction): Uint8Array {
  return encodeRlp(signedItems(tx, false));
}

function readTo(reader: RlpReader): Address | undefined {
  const bytes = reader.readBytes();
  return bytes.length === 0 ? undefined : addressFromBytes(bytes);
}

/** Reads one 11-item list of a larger structure. @internal */
export function readTransaction(list: RlpReader): SignedTransaction {
  const tx: SignedTransaction = {
    nonce: list.readBigInt(64),
    gasPrice: list.readBigInt(),
    gasLimit: list.readBigInt(64),
    shardId: list.readUint32(),
    toShardId: list.readUint32(),
    to: readTo(list),
    value: list.readBigInt(),
    data: readOwnBytes(list),
    v: list.readBigInt(),
    r: list.readBigInt(),
    s: list.readBigInt(),
  };
  list.assertDone('transaction');
  return tx;
}

/**
 * A transaction from its Harmony form. Typed envelopes (EIP-2718) do not exist here.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`.
 */
export function decodeTransaction(bytes: Uint8Array): SignedTransaction {
  return decoding('transaction', () => readTransaction(openRlpList(bytes)));
}

/**
 * A transaction from its Ethereum form; both shard ids become `shardId`, the shard that was asked
 * to take it.
 *
 * @throws {@link ChainError} `chain/invalid-encoding`, `chain/out-of-range` for the shard id.
 * @source harmony/core/types/eth_transaction.go: ConvertToHmy
 */
export function decodeEthereumTransaction(bytes: Uint8Array, shardId: number): SignedTransaction {
  uint32Field(shardId, 'shardId');
  return decoding('transaction', () => {
    const list = openRlpList(bytes);
    const tx: SignedTransaction = {
      nonce: list.readBigInt(64),
      gasPrice: list.readBigInt(),
      gasLimit: list.readBigInt(64),
      shardId,
      toShardId: shardId,
      to: readTo(list),
      value: list.readBigInt(),
      data: readOwnBytes(list),
      v: list.readBigInt(),
      r: list.readBigInt(),
      s: list.readBigInt(),
    };
    list.assertDone('transaction');
    return tx;
  });
}

/** Identity of a transaction in blocks and receipts: Keccak-256 of the Harmony form. */
export function transactionHash(tx: SignedTransaction, hasher: Hasher = defaultHasher): Hash {
  return bytesToHex(hasher.keccak256(encodeTransaction(tx)));
}

/** Keccak-256 of the Ethereum form: what a wallet and the `eth` namespace show. */
export function ethereumTransactionHash(
  tx: SignedTransaction,
  hasher: Hasher = defaultHasher,
): Hash {
  return bytesToHex(hasher.keccak256(encodeEthereumTransaction(tx)));
}

/**
 * The hash under which cross-shard receipts of the transfer precompile name their transaction: the
 * Ethereum hash if the chain id is eth-compatible, else the Harmony hash.
 *
 * @throws {@link ChainError} `chain/invalid-signature` when `v` is none of the known forms.
 * @source harmony/core/types/transaction.go: HashByType
 */
export function transactionHashByType(tx: SignedTransaction, hasher: Hasher = defaultHasher): Hash {
  const chainId = chainIdOfV(tx.v);
  return chainId !== undefined && isEthCompatibleChainId(chainId)
    ? ethereumTransactionHash(tx, hasher)
    : transactionHash(tx, hasher);
}

/**
 * Chain id that `v` states: undefined for 27 and 28 (not bound to a chain), else `(v - 35) / 2`.
 *
 * @throws {@link ChainError} `chain/invalid-signature` for any other value below 35.
 * @source harmony/core/types/transaction_signing.go: deriveChainID
 */
export function chainIdOfV(v: bigint): bigint | undefined {
  if (v === 27n || v === 28n) return undefined;
  if (v >= 35n) return (v - 35n) >> 1n;
  throw new ChainError({ code: 'chain/invalid-signature', reason: `v must not be ${v}` });
}

/** What a signature covers. `chainId` is given exactly when the signature is bound to a chain. */
export type SigningForm =
  | { readonly form: 'harmony'; readonly chainId: bigint }
  | { readonly form: 'ethereum'; readonly chainId?: bigint | undefined }
  | { readonly form: 'homestead'; readonly chainId?: undefined };

/**
 * The bytes that are hashed and signed: the RLP list of the unsigned fields, with the chain id and two
 * zeros behind them where a chain id is signed. Signers that hash by themselves, such as a Ledger,
 * take these.
 *
 * - `harmony`: shard ids and chain id (EIP-155 with Harmony's own chain id).
 * - `ethereum`: no shard ids; with a chain id as EIP-155, without as plain Ethereum.
 * - `homestead`: shard ids, no chain id.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/transaction_signing.go: EIP155Signer.Hash, FrontierSigner.Hash
 */
export function signingPayload(tx: Transaction, signing: SigningForm): Uint8Array {
  const items = callItems(tx, signing.form !== 'ethereum');
  if (signing.chainId !== undefined) items.push(uintField(signing.chainId, 256, 'chainId'), 0, 0);
  return encodeRlp(items);
}

/**
 * The 32 bytes that a sender signs: Keccak-256 of {@link signingPayload}.
 *
 * @throws {@link ChainError} `chain/out-of-range`.
 * @source harmony/core/types/transaction_signing.go: EIP155Signer.Hash, FrontierSigner.Hash
 * @example signingDigest(tx, { form: 'harmony', chainId: mainnet.chainId })
 */
export function signingDigest(
  tx: Transaction,
  signing: SigningForm,
  hasher: Hasher = defaultHasher,
): Uint8Array {
  return hasher.keccak256(signingPayload(tx, signing));
}

/** The signing form that a chain id stands for. */
export function signingFormOf(chainId: bigint | undefined): SigningForm {
  if (chainId === undefined) return { form: 'homestead' };
  return { form: isEthCompatibleChainId(chainId) ? 'ethereum' : 'harmony', chainId };
}

/**
 * Puts a signature on a transaction.
 *
 * @param chainId - The chain id that was signed; undefined for a signature bound to no chain.
 */
export function withSignature(
  tx: Transaction,
  signature: RecoverableSignature,
  chainId: bigint | undefined,
): SignedTransaction {
  const parity = BigInt(signature.recovery);
  return {
    nonce: tx.nonce,
    gasPrice: tx.gasPrice,
    gasLimit: tx.gasLimit,
    shardId: tx.shardId,
    toShardId: tx.toShardId,
    to: tx.to,
    value: tx.value,
    data: tx.data,
    v: chainId === undefined ? 27n + parity : 35n + 2n * chainId + parity,
    r: signature.r,
    s: signature.s,
  };
}

/** Options of {@link recoverSigner}. */
export interface RecoverSignerOptions {
  readonly engine?: Engine;
  /**
   * The signature covers the Ethereum form whatever the chain id. In a block only eth-compatible
   * chain ids mean that; a wallet's raw transaction of 9 items may have any id, or none.
   */
  readonly ethereumForm?: boolean;
  /** Accept `s` above half the order, as Frontier did. */
  readonly allowHighS?: boolean;
}

/**
 * Account that signed a transaction under the chain id that `v` itself states. It does not say
 * that the chain id is right: {@link recoverSender} does.
 *
 * @throws {@link ChainError} `chain/invalid-signature`.
 */
export function recoverSigner(tx: SignedTransaction, options: RecoverSignerOptions = {}): Address {
  const engine = options.engine ?? nobleEngine;
  const chainId = chainIdOfV(tx.v);
  const signing: SigningForm =
    options.ethereumForm === true ? { form: 'ethereum', chainId } : signingFormOf(chainId);
  const odd = ((chainId === undefined ? tx.v - 27n : tx.v - 35n) & 1n) === 1n;
  const digest = signingDigest(tx, signing, engine);
  return recoverAccount(digest, { r: tx.r, s: tx.s, odd }, engine, options.allowHighS === true);
}

/** Where and when a transaction is in a block. */
export interface RecoverSenderOptions {
  readonly engine?: Engine;
  readonly network: Network;
  /** The block's shard. */
  readonly shardId: number;
  /** The block's epoch; left out means the newest rules. */
  readonly epoch?: bigint;
  /**
   * Accept an Ethereum-form signature on a transaction whose shard ids are not both the block's
   * shard. Such a signature does not cover the shard ids, so anyone can have changed them. Replay of
   * a chain that accepted such transactions needs it; nothing else should.
   */
  readonly allowUnsignedShardIds?: boolean;
}

/**
 * Sender of a transaction in a block.
 *
 * An eth-compatible chain id must be the shard's own and needs the activation `ethCompatible`.
 * Any other must be the network's Harmony id, from `eip155`; before, only signatures without a
 * chain id exist and a high `s` is accepted. Signatures without a chain id stay valid at every
 * epoch.
 *
 * @throws {@link ChainError} `chain/invalid-signature`, `chain/wrong-chain-id`, `chain/not-active`,
 * `chain/unsigned-shard-ids`.
 * @source harmony/core/state_processor.go: ApplyTransaction; core/types/transaction_signing.go
 */
export function recoverSender(tx: SignedTransaction, options: RecoverSenderOptions): Address {
  const { network, shardId, epoch } = options;
  const engine = options.engine ?? nobleEngine;
  const chainId = chainIdOfV(tx.v);
  if (chainId === undefined) {
    const frontier = epoch !== undefined && !isActive(network, 'eip155', epoch);
    return recoverSigner(tx, { engine, allowHighS: frontier });
  }
  const ethereum = isEthCompatibleChainId(chainId);
  const activation = ethereum ? 'ethCompatible' : 'eip155';
  if (epoch !== undefined && !isActive(network, activation, epoch)) {
    const what = ethereum ? 'an eth-compatible chain id' : 'a signature with a chain id';
    throw new ChainError({ code: 'chain/not-active', what, epoch });
  }
  const expected = ethereum ? ethChainIdOfShard(network, shardId) : network.chainId;
  if (chainId !== expected) {
    throw new ChainError({ code: 'chain/wrong-chain-id', expected: [expected], actual: chainId });
  }
  if (ethereum && options.allowUnsignedShardIds !== true) {
    if (tx.shardId !== shardId || tx.toShardId !== shardId) {
      throw new ChainError({
        code: 'chain/unsigned-shard-ids',
        shardId: tx.shardId,
        toShardId: tx.toShardId,
      });
    }
  }
  return recoverSigner(tx, { engine });
}

/**
 * Whether transactions to other shards are accepted: from the epoch after `crossTx`.
 *
 * @source harmony/internal/params/config.go: AcceptsCrossTx
 */
export function acceptsCrossShard(network: Network, epoch: bigint): boolean {
  return epoch > 0n && isActive(network, 'crossTx', epoch - 1n);
}

/** What a transaction does on the shard whose block holds it. */
export type TransactionKind = 'same-shard' | 'outgoing' | 'invalid';

/**
 * Kind of a transaction in a block of a shard. Where cross-shard transactions are not accepted yet
 * `toShardId` does not count. An `invalid` one makes the block invalid.
 *
 * @source harmony/core/state_processor.go: getTransactionType
 * @activation crossTx + 1
 */
export function transactionKind(
  tx: Pick<Transaction, 'shardId' | 'toShardId'>,
  network: Network,
  shardId: number,
  epoch: bigint,
): TransactionKind {
  if (tx.shardId !== shardId) return 'invalid';
  if (tx.toShardId === shardId || !acceptsCrossShard(network, epoch)) return 'same-shard';
  return tx.toShardId < shardingAt(network, epoch).shardCount ? 'outgoing' : 'invalid';
}
