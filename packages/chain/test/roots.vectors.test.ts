import { mainnet } from '@polyphony/networks';
import { bytesToHex, encodeRlp, hexToBytes, parseDec, ZERO_ADDRESS } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  computeBloom,
  computeGasLimit,
  computeIntrinsicGas,
  computeListRoot,
  decodeReceipt,
  decodeTransaction,
  encodeReceipt,
  gasBoundsAt,
  type Log,
  mergeBlooms,
  type Receipt,
  receiptsRoot,
  splitFee,
  transactionsRoot,
} from '../src/index.js';

describe('transactions root', () => {
  const cases = loadVectors<
    { transactions?: string[]; stakingTransactions?: string[]; generated?: number },
    { root: string }
  >(import.meta.url, 'transactions-root', {
    in: ['transactions', 'stakingTransactions', 'generated'],
    out: ['root'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      if (given.generated !== undefined) {
        const items = Array.from({ length: given.generated }, (_, i) =>
          encodeRlp([
            ...[i, 1, 21000, 0, 0],
            new Uint8Array(20).fill(i),
            ...[i, new Uint8Array(0), 27, 1, 1],
          ]),
        );
        expect(computeListRoot(items)).toBe(out!.root);
        expect(transactionsRoot(items.map(decodeTransaction))).toBe(out!.root);
        expect(transactionsRoot(items.slice(0, 100).map(decodeTransaction), items.slice(100))).toBe(
          out!.root,
        );
        return;
      }
      const transactions = given.transactions!.map((rlp) => decodeTransaction(hexToBytes(rlp)));
      const staking = given.stakingTransactions!.map((rlp) => hexToBytes(rlp));
      expect(transactionsRoot(transactions, staking)).toBe(out!.root);
    });
  }
});

describe('receipts', () => {
  interface LogJson {
    readonly address: Log['address'];
    readonly topics: Log['topics'];
    readonly data: string;
  }
  interface ReceiptJson {
    readonly status: 'success' | 'failure';
    readonly cumulativeGasUsed: string;
    readonly logs: readonly LogJson[];
  }
  const cases = loadVectors<
    { receipts: ReceiptJson[] },
    { root: string; rlp: string[]; bloom?: string }
  >(import.meta.url, 'receipts-root', { in: ['receipts'], out: ['root', 'rlp', 'bloom'] });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const receipts = given.receipts.map(({ status, cumulativeGasUsed, logs }): Receipt => {
        const typed = logs.map((log) => ({ ...log, data: hexToBytes(log.data) }));
        return {
          status,
          cumulativeGasUsed: BigInt(cumulativeGasUsed),
          logs: typed,
          logsBloom: computeBloom(typed),
        };
      });
      expect(receipts.map((receipt) => bytesToHex(encodeReceipt(receipt)))).toEqual(out!.rlp);
      expect(out!.rlp.map((rlp) => decodeReceipt(hexToBytes(rlp)))).toEqual(receipts);
      expect(receiptsRoot(receipts)).toBe(out!.root);
      if (out!.bloom !== undefined) {
        expect(bytesToHex(mergeBlooms(receipts.map((receipt) => receipt.logsBloom)))).toBe(
          out!.bloom,
        );
      }
    });
  }
});

describe('intrinsic gas', () => {
  const cases = loadVectors<
    { kind: 'call' | 'contract-creation' | 'create-validator'; data: string; istanbul: boolean },
    { gas: string }
  >(import.meta.url, 'intrinsic-gas', { in: ['kind', 'data', 'istanbul'], out: ['gas'] });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const gas = computeIntrinsicGas(
        { kind: given.kind, data: hexToBytes(given.data) },
        { s3: true, istanbul: given.istanbul },
      );
      expect(gas).toBe(BigInt(out!.gas));
    });
  }
});

describe('block gas limit', () => {
  const cases = loadVectors<
    { gasLimit: string; gasUsed: string; floor: string; ceil: string },
    { gasLimit: string }
  >(import.meta.url, 'block-gas-limit', {
    in: ['gasLimit', 'gasUsed', 'floor', 'ceil'],
    out: ['gasLimit'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const limit = computeGasLimit(
        { gasLimit: BigInt(given.gasLimit), gasUsed: BigInt(given.gasUsed) },
        { floor: BigInt(given.floor), ceil: BigInt(given.ceil) },
      );
      expect(limit).toBe(BigInt(out!.gasLimit));
    });
  }

  test('bounds change with blockGas30M', () => {
    expect(gasBoundsAt(mainnet, 1672n)).toEqual({ floor: 80_000_000n, ceil: 120_000_000n });
    expect(gasBoundsAt(mainnet, 1673n)).toEqual({ floor: 30_000_000n, ceil: 120_000_000n });
  });
});

describe('fee split', () => {
  const cases = loadVectors<{ fee: string; shares: string[] }, { each: string; burnt: string }>(
    import.meta.url,
    'fee-split',
    { in: ['fee', 'shares'], out: ['each', 'burnt'] },
  );
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const collectors = given.shares.map((share) => ({
        address: ZERO_ADDRESS,
        share: parseDec(share),
      }));
      const split = splitFee(BigInt(given.fee), collectors);
      expect(split.payments.map(({ amount }) => amount)).toEqual(
        given.shares.map(() => BigInt(out!.each)),
      );
      expect(split.burnt).toBe(BigInt(out!.burnt));
    });
  }
});
