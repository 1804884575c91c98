/**
 * Receipts as they are stored: with their places in the chain.
 *
 * @source harmony/core/types/receipt.go: ReceiptForStorage; core/state_processor.go
 */
import {
  type Block,
  decodeStakingTransaction,
  type StoredReceipt,
  stakingTransactionHash,
  transactionHash,
} from '@polyphony/chain';
import type { BlockResult } from '@polyphony/executor';
import { type Hash, ZERO_ADDRESS } from '@polyphony/primitives';

/** Receipts with their places in the chain: plain transactions, then staking. */
export function storedReceipts(hash: Hash, block: Block, result: BlockResult): StoredReceipt[] {
  let logIndex = 0;
  const plain = result.results.map((done, index) => {
    const transaction = block.transactions[index]!;
    const id = transactionHash(transaction);
    return { ...done, id, gasPrice: transaction.gasPrice };
  });
  const staking = result.stakingResults.map((done, index) => {
    const transaction = decodeStakingTransaction(block.stakingTransactions[index]!);
    const id = stakingTransactionHash(transaction);
    return { ...done, id, gasPrice: transaction.gasPrice, createdAddress: undefined };
  });
  return [...plain, ...staking].map((done, index) => {
    const { receipt, gasUsed, createdAddress, logs, id, gasPrice } = done;
    return {
      status: receipt.status,
      cumulativeGasUsed: receipt.cumulativeGasUsed,
      logsBloom: receipt.logsBloom,
      transactionHash: id,
      contractAddress: createdAddress ?? ZERO_ADDRESS,
      logs: logs.map((log) => ({
        ...log,
        blockNumber: block.header.number,
        transactionHash: id,
        transactionIndex: index,
        blockHash: hash,
        logIndex: logIndex++,
      })),
      gasUsed,
      effectiveGasPrice: gasPrice,
    };
  });
}
