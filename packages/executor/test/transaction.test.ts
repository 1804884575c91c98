import { bloomMayContain, type SignedTransaction } from '@polyphony/chain';
import { mainnet, type Network, reference } from '@polyphony/networks';
import type { Address, Hash } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import {
  type Evm,
  executeTransaction,
  isPrecompile,
  type MessageResult,
  type State,
  type TransactionContext,
  transactionKind,
  transferOnlyEvm,
} from '../src/index.js';
import { alice, bob, engine, LEADER, NOBODY, ONE, stateWith, transaction } from './support.js';

function contextOf(
  state: State,
  network: Network,
  epoch: bigint,
  changes: Partial<TransactionContext> = {},
): TransactionContext {
  return {
    state,
    block: {
      network,
      shardId: 0,
      epoch,
      number: 10n,
      timestamp: 1_700_000_000n,
      gasLimit: 30_000_000n,
      coinbase: LEADER,
      vrf: new Uint8Array(),
      blockHash: () => undefined,
    },
    evm: transferOnlyEvm,
    gasPool: { gas: 30_000_000n },
    cumulativeGasUsed: 0n,
    engine,
    ...changes,
  };
}

const rich = (): State => stateWith({ [alice.address]: ONE });

/** What `run` throws must leave no trace. */
async function expectRefused(
  tx: SignedTransaction,
  context: TransactionContext,
  details: object,
): Promise<void> {
  const root = context.state.computeRoot();
  const gas = context.gasPool.gas;
  await expect(executeTransaction(tx, context)).rejects.toMatchObject({ details });
  expect(context.state.computeRoot()).toBe(root);
  expect(context.gasPool.gas).toBe(gas);
}

describe('transactions that cannot be in a block', () => {
  const GAS = 21000n * 10n ** 9n;
  const invalid = (reason: string, expected?: bigint, actual?: bigint) => ({
    code: 'executor/invalid-transaction',
    reason,
    ...(expected === undefined ? {} : { expected, actual }),
  });
  test('the nonce must be exact', async () => {
    const state = rich();
    state.setNonce(alice.address, 5n);
    state.endTransaction(true);
    const context = contextOf(state, reference, 0n);
    const low = transaction(alice, reference, { nonce: 4n });
    await expectRefused(low, context, invalid('nonce-too-low', 5n, 4n));
    const high = transaction(alice, reference, { nonce: 6n });
    await expectRefused(high, context, invalid('nonce-too-high', 5n, 6n));
    await executeTransaction(transaction(alice, reference, { nonce: 5n }), context);
    expect(state.getNonce(alice.address)).toBe(6n);
  });

  test('the balance must cover gas limit times price, then the value', async () => {
    const tx = transaction(alice, reference, { value: 100n });
    const poor = contextOf(stateWith({ [alice.address]: GAS - 1n }), reference, 0n);
    await expectRefused(tx, poor, invalid('insufficient-funds-for-gas', GAS, GAS - 1n));
    const short = contextOf(stateWith({ [alice.address]: GAS + 99n }), reference, 0n);
    await expectRefused(tx, short, invalid('insufficient-funds-for-value', 100n, 99n));
    const exact = contextOf(stateWith({ [alice.address]: GAS }), reference, 0n);
    await executeTransaction(transaction(alice, reference, { value: 0n }), exact);
    expect(exact.state.getBalance(alice.address)).toBe(0n);
    const enough = contextOf(stateWith({ [alice.address]: GAS + 100n }), reference, 0n);
    await executeTransaction(tx, enough);
    expect(enough.state.getBalance(alice.address)).toBe(0n);
    expect(enough.state.getBalance(NOBODY)).toBe(100n);
  });

  test('the gas limit must cover the intrinsic gas and fit into the block', async () => {
    const context = contextOf(rich(), reference, 0n, { gasPool: { gas: 21000n } });
    const little = transaction(alice, reference, { gasLimit: 20999n });
    await expectRefused(little, context, invalid('intrinsic-gas-too-low', 21000n, 20999n));
    const data = Uint8Array.of(0, 1);
    const withData = transaction(alice, reference, { gasLimit: 21019n, data });
    const roomy = contextOf(rich(), reference, 0n);
    await expectRefused(withData, roomy, invalid('intrinsic-gas-too-low', 21020n, 21019n));
    const large = transaction(alice, reference, { gasLimit: 21001n });
    await expectRefused(large, context, invalid('block-gas-exceeded', 21000n, 21001n));
    const { gasUsed } = await executeTransaction(transaction(alice, reference), context);
    expect([gasUsed, context.gasPool.gas]).toEqual([21000n, 0n]);
  });

  test('gas that was not used is free again, in the block and for the sender', async () => {
    const context = contextOf(rich(), reference, 0n);
    const tx = transaction(alice, reference, { gasLimit: 100_000n });
    const { fee } = await executeTransaction(tx, context);
    expect(context.gasPool.gas).toBe(30_000_000n - 21000n);
    expect(fee).toBe(GAS);
    expect(context.state.getBalance(alice.address)).toBe(ONE - GAS - 1n);
  });

  test('the sender must be recoverable for this chain and shard', async () => {
    const context = contextOf(rich(), reference, 0n);
    const signature = transaction(alice, reference);
    for (const tx of [
      transaction(alice, reference, { chainId: 1n }),
      transaction(alice, reference, { chainId: 1668000001n }),
      { ...signature, r: 0n },
      { ...signature, s: 2n ** 255n },
      { ...signature, v: 29n },
    ]) {
      await expectRefused(tx, context, invalid('invalid-sender'));
    }
    // Changing a signed field gives another sender, who has nothing.
    await expectRefused(
      { ...signature, value: 2n },
      context,
      invalid('insufficient-funds-for-gas', GAS, 0n),
    );
  });

  test('other shards and cross-shard transfers', async () => {
    const context = contextOf(rich(), reference, 1n);
    const elsewhere = transaction(alice, reference, { shardId: 1 });
    await expectRefused(elsewhere, context, invalid('wrong-shard', 0n, 1n));
    const nowhere = transaction(alice, reference, { toShardId: 4 });
    await expectRefused(nowhere, context, invalid('wrong-shard', 0n, 0n));
    const across = transaction(alice, reference, { toShardId: 3 });
    await expectRefused(across, context, {
      code: 'executor/not-supported',
      what: 'cross-shard-transaction',
    });
  });
});

test('the kind of a transaction depends on shards and epoch', () => {
  const kind = (epoch: bigint, shardId: number, toShardId: number) =>
    transactionKind(mainnet, 1, epoch, { shardId, toShardId });
  expect(kind(28n, 1, 3)).toBe('same-shard');
  expect(kind(29n, 1, 3)).toBe('cross-shard');
  expect(kind(29n, 1, 1)).toBe('same-shard');
  expect(kind(29n, 0, 1)).toBe('invalid');
  expect(kind(28n, 0, 0)).toBe('invalid');
  expect(kind(29n, 1, 4)).toBe('invalid');
  expect(kind(1672n, 1, 3)).toBe('cross-shard');
  expect(kind(1673n, 1, 3)).toBe('invalid');
});

describe('the transfer-only EVM', () => {
  const precompile = (byte: number): Address => `0x${byte.toString(16).padStart(40, '0')}`;
  const unsupported = (what: string, to: Address | undefined) => ({
    code: 'executor/execution-unsupported',
    what,
    to,
  });

  test('refuses creation, code and precompiles', async () => {
    const state = rich();
    state.setCode(bob.address, Uint8Array.of(0x60));
    state.endTransaction(true);
    const context = contextOf(state, reference, 0n);
    const gasLimit = 100_000n;
    const create = transaction(alice, reference, { to: undefined, gasLimit });
    await expectRefused(create, context, unsupported('contract-creation', undefined));
    const call = transaction(alice, reference, { to: bob.address, gasLimit });
    await expectRefused(call, context, unsupported('contract-call', bob.address));
    for (const byte of [0x01, 0x09, 0x0b, 0x11, 0xf9, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]) {
      const to = precompile(byte);
      const tx = transaction(alice, reference, { to, gasLimit });
      await expectRefused(tx, context, unsupported('precompile-call', to));
    }
  });

  test('creation pays 53000 from s3 on and 21000 before', async () => {
    const create = (gasLimit: bigint, network = mainnet) =>
      transaction(alice, network, { to: undefined, gasLimit, chainId: undefined });
    const refused = { code: 'executor/invalid-transaction', reason: 'intrinsic-gas-too-low' };
    await expectRefused(create(52_999n), contextOf(rich(), mainnet, 28n), refused);
    const reached = unsupported('contract-creation', undefined);
    await expectRefused(create(53_000n), contextOf(rich(), mainnet, 28n), reached);
    await expectRefused(create(21_000n), contextOf(rich(), mainnet, 27n), reached);
  });

  test('knows the precompiles of each era', () => {
    const at = (epoch: bigint): number[] =>
      Array.from({ length: 256 }, (_, byte) => byte).filter((byte) =>
        isPrecompile(mainnet, epoch, precompile(byte)),
      );
    const first = [1, 2, 3, 4];
    const s3 = [...first, 5, 6, 7, 8];
    const istanbul = [...s3, 9];
    expect(at(27n)).toEqual(first);
    expect(at(28n)).toEqual(s3);
    expect(at(313n)).toEqual(s3);
    expect(at(314n)).toEqual(istanbul);
    expect(at(630n)).toEqual(istanbul);
    expect(at(631n)).toEqual([...istanbul, 0xff]);
    expect(at(725n)).toEqual([...istanbul, 0xfd, 0xfe, 0xff]);
    expect(at(870n)).toEqual([...istanbul, 0xfd, 0xfe, 0xff]);
    expect(at(871n)).toEqual([...istanbul, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]);
    expect(at(1323n)).toEqual([...istanbul, 0xf9, 0xfb, 0xfc, 0xfd, 0xfe, 0xff]);
    const pairing = [0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11];
    const newest = at(2964n).filter((byte) => byte > 9 && byte < 0xf0);
    expect(newest).toEqual(pairing);
    expect(isPrecompile(mainnet, 5000n, `0x01${'0'.repeat(36)}01`)).toBe(false);
  });

  test('an address that will be a precompile is an ordinary account before', async () => {
    const state = rich();
    const to = precompile(0xff);
    const tx = transaction(alice, mainnet, { to, value: 7n });
    await executeTransaction(tx, contextOf(state, mainnet, 630n));
    expect(state.getBalance(to)).toBe(7n);
  });
});

describe('around the message', () => {
  const log = { address: NOBODY, topics: [`0x${'05'.repeat(32)}` as Hash], data: new Uint8Array() };
  const evmWith = (change: (state: State, gas: bigint) => Partial<MessageResult>): Evm => ({
    runMessage: async (state, message) => ({
      status: 'success',
      gasLeft: message.gas,
      gasRefund: 0n,
      logs: [],
      createdAddress: undefined,
      output: new Uint8Array(),
      ...change(state, message.gas),
    }),
  });
  const tx = transaction(alice, mainnet, { gasLimit: 121_000n });

  test('a message that fails pays for its gas and is in the block', async () => {
    const state = rich();
    const evm = evmWith(() => ({ status: 'failure', gasLeft: 0n }));
    const result = await executeTransaction(tx, contextOf(state, mainnet, 186n, { evm }));
    expect(result.receipt.status).toBe('failure');
    expect(result.gasUsed).toBe(121_000n);
    expect(state.getNonce(alice.address)).toBe(1n);
    expect(state.getBalance(alice.address)).toBe(ONE - 121_000n * 10n ** 9n);
  });

  test('a refund is at most half of what was used', async () => {
    for (const [gasRefund, expected] of [
      [10_000n, 111_000n],
      [60_500n, 60_500n],
      [90_000n, 60_500n],
    ] as const) {
      const evm = evmWith(() => ({ gasLeft: 0n, gasRefund }));
      const context = contextOf(rich(), mainnet, 186n, { evm, cumulativeGasUsed: 1000n });
      const { gasUsed, receipt, fee, burnt } = await executeTransaction(tx, context);
      expect(gasUsed).toBe(expected);
      expect(receipt.cumulativeGasUsed).toBe(1000n + expected);
      expect([fee, burnt]).toEqual([expected * 10n ** 9n, expected * 10n ** 9n]);
      expect(context.gasPool.gas).toBe(30_000_000n - expected);
    }
  });

  test('logs are in receipts from receiptLog on', async () => {
    for (const [epoch, there] of [
      [100n, false],
      [101n, true],
    ] as const) {
      const evm = evmWith(() => ({ logs: [log] }));
      const result = await executeTransaction(tx, contextOf(rich(), mainnet, epoch, { evm }));
      expect(result.logs).toEqual([log]);
      expect(result.receipt.logs).toEqual(there ? [log] : []);
      expect(bloomMayContain(result.receipt.logsBloom, NOBODY)).toBe(there);
    }
  });

  test('receipts hold the state root before s3 and a status from it on', async () => {
    const before = rich();
    const unbound = transaction(alice, mainnet, { chainId: undefined });
    const { receipt } = await executeTransaction(unbound, contextOf(before, mainnet, 27n));
    expect(receipt.status).toEqual({ postState: before.computeRoot() });
    const after = await executeTransaction(unbound, contextOf(rich(), mainnet, 28n));
    expect(after.receipt.status).toBe('success');
  });

  test('what the EVM throws leaves no trace', async () => {
    const state = rich();
    const evm: Evm = {
      runMessage: (within) => {
        within.setBalance(NOBODY, 5n);
        throw new Error('broken');
      },
    };
    const root = state.computeRoot();
    const context = contextOf(state, mainnet, 186n, { evm });
    await expect(executeTransaction(tx, context)).rejects.toThrow('broken');
    expect(state.computeRoot()).toBe(root);
    expect(context.gasPool.gas).toBe(30_000_000n);
  });

  test('a creator does not get its nonce from the executor', async () => {
    const state = rich();
    const nonces: bigint[] = [];
    const evm = evmWith((within) => {
      nonces.push(within.getNonce(alice.address));
      return {};
    });
    const create = transaction(alice, reference, { to: undefined, gasLimit: 60_000n });
    await executeTransaction(create, contextOf(state, reference, 0n, { evm }));
    await executeTransaction(
      transaction(alice, reference),
      contextOf(state, reference, 0n, { evm }),
    );
    expect(nonces).toEqual([0n, 1n]);
  });

  test('a given sender is believed', async () => {
    const state = stateWith({ [bob.address]: ONE });
    const context = contextOf(state, reference, 0n, { sender: bob.address });
    const { sender } = await executeTransaction(transaction(alice, reference), context);
    expect(sender).toBe(bob.address);
    expect(state.getNonce(bob.address)).toBe(1n);
  });
});
