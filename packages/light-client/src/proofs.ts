/**
 * What is in a block or a state, proved from the header alone.
 *
 * Single items are proved by the trie nodes on their way (`proveListItem` of `@polyphony/chain` makes
 * them); nodes of the network serve none for transactions and receipts, so the whole list of a block
 * can be checked instead. Every function answers with a boolean and never throws on hostile bytes.
 * Give headers that were verified: nothing here looks at seals.
 *
 * @source harmony/core/types/derive_sha.go: DeriveSha; Ethereum yellow paper, appendix D
 */
import {
  type AccountRecord,
  encodeReceipt,
  encodeStakingTransaction,
  encodeTransaction,
  type Hasher,
  type Header,
  type Receipt,
  receiptsRoot,
  type SignedStakingTransaction,
  type SignedTransaction,
  transactionsRoot,
  verifyAccountProof,
  verifyListProof,
  verifyStorageProof,
} from '@polyphony/chain';
import { type Address, type Hash, isProtocolError } from '@polyphony/primitives';

/** Nodes of a trie from the root down, each as RLP. */
export type TrieProof = readonly Uint8Array[];

/** Answers false where a value cannot even be encoded. */
function answer(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (isProtocolError(error)) return false;
    throw error;
  }
}

function isIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index <= 0xffffffff;
}

function provesItem(
  root: Hash,
  index: number,
  encode: () => Uint8Array,
  proof: TrieProof,
  hasher: Hasher | undefined,
): boolean {
  return isIndex(index) && answer(() => verifyListProof(root, index, encode(), proof, hasher));
}

/**
 * Whether a block has a transaction at an index.
 *
 * @param index - Plain transactions come first, then staking transactions, with one running index.
 * @example verifyTransaction(header, 0, transaction, proveListItem(items, 0))
 */
export function verifyTransaction(
  header: Pick<Header, 'transactionsRoot'>,
  index: number,
  transaction: SignedTransaction,
  proof: TrieProof,
  hasher?: Hasher,
): boolean {
  const encode = (): Uint8Array => encodeTransaction(transaction);
  return provesItem(header.transactionsRoot, index, encode, proof, hasher);
}

/** Whether a beacon block has a staking transaction at an index, see {@link verifyTransaction}. */
export function verifyStakingTransaction(
  header: Pick<Header, 'transactionsRoot'>,
  index: number,
  transaction: SignedStakingTransaction,
  proof: TrieProof,
  hasher?: Hasher,
): boolean {
  const encode = (): Uint8Array => encodeStakingTransaction(transaction);
  return provesItem(header.transactionsRoot, index, encode, proof, hasher);
}

/**
 * Whether a block has a receipt at an index, and so whether the transaction at that index succeeded
 * and what it logged.
 */
export function verifyReceipt(
  header: Pick<Header, 'receiptsRoot'>,
  index: number,
  receipt: Receipt,
  proof: TrieProof,
  hasher?: Hasher,
): boolean {
  return provesItem(header.receiptsRoot, index, () => encodeReceipt(receipt), proof, hasher);
}

/**
 * Whether these are all transactions of a block, in order.
 *
 * @param stakingTransactions - RLP each, as blocks carry them.
 */
export function verifyTransactions(
  header: Pick<Header, 'transactionsRoot'>,
  transactions: readonly SignedTransaction[],
  stakingTransactions: readonly Uint8Array[] = [],
  hasher?: Hasher,
): boolean {
  return answer(
    () => transactionsRoot(transactions, stakingTransactions, hasher) === header.transactionsRoot,
  );
}

/** Whether these are all receipts of a block, in order. */
export function verifyReceipts(
  header: Pick<Header, 'receiptsRoot'>,
  receipts: readonly Receipt[],
  hasher?: Hasher,
): boolean {
  return answer(() => receiptsRoot(receipts, hasher) === header.receiptsRoot);
}

/**
 * Whether an account is exactly so after a block; with `undefined`, that it does not exist.
 *
 * @param proof - As `eth_getProof` gives it in `accountProof`.
 */
export function verifyAccount(
  header: Pick<Header, 'stateRoot'>,
  address: Address,
  account: AccountRecord | undefined,
  proof: TrieProof,
  hasher?: Hasher,
): boolean {
  return answer(() => verifyAccountProof(header.stateRoot, address, account, proof, hasher));
}

/**
 * Whether a storage slot of a proved account has a value; 0 is an empty slot.
 *
 * @param account - Checked with {@link verifyAccount}.
 * @param slot - 32 bytes, before hashing.
 */
export function verifyStorage(
  account: Pick<AccountRecord, 'storageRoot'>,
  slot: Hash,
  value: bigint,
  proof: TrieProof,
  hasher?: Hasher,
): boolean {
  return answer(() => verifyStorageProof(account.storageRoot, slot, value, proof, hasher));
}
