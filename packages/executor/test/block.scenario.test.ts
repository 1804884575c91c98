import {
  type Block,
  computeHeaderHash,
  decodeBlock,
  encodeBlock,
  type Header,
  type SignedTransaction,
  transactionsRoot,
} from '@polyphony/chain';
import { defineNetwork, mainnet, type Network, reference } from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { computeShardStateHash, encodeShardState, genesisShardState } from '@polyphony/sharding';
import { memoryStore } from '@polyphony/storage';
import { propertyRuns } from '@polyphony/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BuildBlockInput,
  buildBlock,
  createStateDatabase,
  type ExecutionEnvironment,
  ExecutionError,
  epochAfter,
  executeBlock,
  genesisState,
  type SkippedTransaction,
  transferOnlyEvm,
  validateBlock,
  validateHeader,
} from '../src/index.js';
import {
  alice,
  bob,
  engine,
  environmentOf,
  headerAt,
  LEADER,
  NOBODY,
  ONE,
  referenceChain,
  stateWith,
  transaction,
} from './support.js';

/** The reference network without its use for the field that deployed networks leave empty. */
const withoutRandomness = defineNetwork({ ...reference, randomSharding: undefined });

const proposal = (parent: Header): Omit<BuildBlockInput, 'state' | 'transactions'> => ({
  parent,
  timestamp: parent.timestamp + 2n,
  viewId: parent.viewId + 1n,
  coinbase: LEADER,
  lastCommitSignature: new Uint8Array(96),
  lastCommitBitmap: parent.number === 0n ? new Uint8Array() : Uint8Array.of(0x0f),
});

const reasonOf = ({ reason }: SkippedTransaction): string =>
  reason instanceof ExecutionError
    ? reason.details.code === 'executor/invalid-transaction'
      ? reason.details.reason
      : reason.code
    : reason;

const transfers = (count: number, from = alice, start = 0n): SignedTransaction[] =>
  Array.from({ length: count }, (_, i) =>
    transaction(from, reference, { nonce: start + BigInt(i), value: BigInt(i) }),
  );

describe('building and validating', () => {
  test('a chain of blocks is built by one node and validated by another', async () => {
    const builder = await referenceChain();
    const validator = await referenceChain();
    let parent = builder.genesis;
    for (let n = 0n; n < 5n; n++) {
      const state = builder.states.openState(parent.stateRoot);
      const transactions = [
        ...transfers(3, alice, n * 3n),
        ...(n === 2n ? [transaction(bob, reference, { value: 5n })] : []),
      ];
      const built = await buildBlock(builder.environment, {
        ...proposal(parent),
        state,
        transactions,
      });
      expect(built.skipped).toEqual([]);
      const commit = state.commit();
      await builder.store.write(commit.operations);
      commit.confirm();
      const block = decodeBlock(encodeBlock(built.block));
      expect(block).toEqual(built.block);
      const check = validator.states.openState(parent.stateRoot);
      const result = await validateBlock(validator.environment, {
        block,
        parent,
        state: check,
        nowMs: Number(block.header.timestamp) * 1000,
      });
      expect(result.stateRoot).toBe(block.header.stateRoot);
      expect(result.gasUsed).toBe(BigInt(transactions.length) * 21000n);
      const stored = check.commit();
      expect(stored.root).toBe(block.header.stateRoot);
      await validator.store.write(stored.operations, { durable: true });
      expect(block.header).toMatchObject({
        version: 3,
        number: n + 1n,
        epoch: 0n,
        gasLimit: 30_000_000n,
        parentHash: computeHeaderHash(parent),
      });
      parent = block.header;
    }
    const last = validator.states.openState(parent.stateRoot);
    expect(last.getNonce(alice.address)).toBe(15n);
    expect(last.getBalance(NOBODY)).toBe(5n * 3n + 5n);
  });

  test('candidates that cannot be in the block are skipped with a reason, in order', async () => {
    const { environment, states, genesis } = await referenceChain();
    const state = states.openState(genesis.stateRoot);
    const good = transaction(alice, reference);
    const candidates: [SignedTransaction, string][] = [
      [transaction(alice, reference, { nonce: 1n }), 'nonce-too-high'],
      [good, ''],
      [good, 'nonce-too-low'],
      [transaction(alice, reference, { nonce: 1n, gasLimit: 31_000_000n }), 'block-gas-exceeded'],
      [transaction(alice, reference, { nonce: 1n, gasLimit: 5n }), 'intrinsic-gas-too-low'],
      [
        transaction(alice, reference, { nonce: 1n, value: 10n ** 30n }),
        'insufficient-funds-for-value',
      ],
      [
        transaction(alice, reference, { nonce: 1n, gasPrice: 10n ** 30n }),
        'insufficient-funds-for-gas',
      ],
      [transaction(alice, reference, { nonce: 1n, shardId: 1 }), 'wrong-shard'],
      [transaction(alice, reference, { nonce: 1n, chainId: 1n }), 'invalid-sender'],
      // In epoch 0 a block may hold it and ignore its target; a proposer does not take it.
      [transaction(alice, reference, { nonce: 1n, toShardId: 1 }), 'executor/not-supported'],
      [
        transaction(alice, reference, { nonce: 1n, to: undefined, gasLimit: 60_000n }),
        'executor/execution-unsupported',
      ],
      [{ ...good, v: -1n }, 'executor/out-of-range'],
      [transaction(alice, reference, { nonce: 1n, value: 9n }), ''],
    ];
    const transactions = candidates.map(([tx]) => tx);
    const built = await buildBlock(environment, { ...proposal(genesis), state, transactions });
    const expected = candidates.flatMap(([tx, reason], index) =>
      reason === '' ? [] : [[index, tx, reason]],
    );
    expect(
      built.skipped.map((skipped) => [skipped.index, skipped.transaction, reasonOf(skipped)]),
    ).toEqual(expected);
    expect(built.block.transactions).toEqual([candidates[1]![0], candidates.at(-1)![0]]);
    expect(built.block.header.gasUsed).toBe(42000n);
    expect(built.block.header.stateRoot).toBe(state.computeRoot());
  });

  test('the block stops at its gas and at its bytes', async () => {
    const { environment, states, genesis } = await referenceChain();
    const half = (nonce: bigint) => transaction(alice, reference, { nonce, gasLimit: 15_000_000n });
    const byGas = await buildBlock(environment, {
      ...proposal(genesis),
      state: states.openState(genesis.stateRoot),
      // The first leaves all but 21000 of its gas; the third asks for more than is left.
      transactions: [
        half(0n),
        half(1n),
        transaction(alice, reference, { nonce: 2n, gasLimit: 29_960_000n }),
      ],
    });
    expect(byGas.block.transactions).toHaveLength(2);
    expect(byGas.skipped.map(reasonOf)).toEqual(['block-gas-exceeded']);
    const byBytes = await buildBlock(environment, {
      ...proposal(genesis),
      state: states.openState(genesis.stateRoot),
      transactions: transfers(5),
      maxTransactionBytes: 400,
    });
    expect(byBytes.block.transactions).toHaveLength(3);
    expect(byBytes.skipped.map(reasonOf)).toEqual(['block-full', 'block-full']);
  });

  test('what is built is valid, whatever the candidates', async () => {
    const candidate = fc.record({
      from: fc.constantFrom(alice, bob),
      nonce: fc.bigInt({ min: 0n, max: 4n }),
      value: fc.constantFrom(0n, 1n, 10n ** 24n, 10n ** 25n),
      gasPrice: fc.constantFrom(0n, 1n, 10n ** 9n),
      gasLimit: fc.constantFrom(20_000n, 21_000n, 40_000n),
      to: fc.constantFrom(alice.address, bob.address, LEADER, NOBODY, undefined),
      data: fc.uint8Array({ maxLength: 3 }),
      toShardId: fc.constantFrom(0, 0, 0, 1),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(candidate, { maxLength: 12 }), async (candidates) => {
        const { environment, states, genesis } = await referenceChain();
        const transactions = candidates.map(({ from, ...fields }) =>
          transaction(from, reference, fields),
        );
        const state = states.openState(genesis.stateRoot);
        const built = await buildBlock(environment, { ...proposal(genesis), state, transactions });
        expect(built.block.transactions.length + built.skipped.length).toBe(transactions.length);
        const check = states.openState(genesis.stateRoot);
        const result = await validateBlock(environment, {
          block: decodeBlock(encodeBlock(built.block)),
          parent: genesis,
          state: check,
        });
        expect(result.receipts).toEqual(built.result.receipts);
        expect(check.commit().root).toBe(state.commit().root);
        // Nothing is created: what is missing was burnt.
        const burnt = result.results.reduce((sum, entry) => sum + entry.burnt, 0n);
        const held = [alice.address, bob.address, LEADER, NOBODY].map((a) => check.getBalance(a));
        expect(held.reduce((sum, n) => sum + n, 0n) + burnt).toBe(2_000_000n * ONE);
      }),
      propertyRuns(25),
    );
  });

  test('known senders are not recovered again', async () => {
    const { environment, states, genesis } = await referenceChain();
    let recoveries = 0;
    const counting: ExecutionEnvironment = {
      ...environment,
      engine: {
        ...engine,
        recoverPublicKey: (...args) => {
          recoveries++;
          return engine.recoverPublicKey(...args);
        },
      },
    };
    const transactions = transfers(3);
    const input = { ...proposal(genesis), transactions };
    const senders = [alice.address, undefined, alice.address];
    const { block } = await buildBlock(counting, {
      ...input,
      state: states.openState(genesis.stateRoot),
      senders,
    });
    expect(recoveries).toBe(1);
    const state = states.openState(genesis.stateRoot);
    await validateBlock(counting, { block, parent: genesis, state, senders });
    expect(recoveries).toBe(2);
  });

  test('input that cannot make a valid block is refused at once', async () => {
    const { environment, states, genesis } = await referenceChain();
    const input = { ...proposal(genesis), transactions: transfers(1) };
    const state = states.openState(genesis.stateRoot);
    const refused = (field: string) => ({ details: { code: 'executor/mismatch', field } });
    await expect(
      buildBlock(environment, { ...input, state, timestamp: genesis.timestamp }),
    ).rejects.toMatchObject(refused('timestamp'));
    await expect(
      buildBlock(environment, { ...input, state, shardState: genesis.shardState }),
    ).rejects.toMatchObject(refused('shardState'));
    await expect(
      buildBlock(environment, { ...input, state, vrf: new Uint8Array(5) }),
    ).rejects.toMatchObject(refused('vrf'));
    await expect(buildBlock(environment, { ...input, state: stateWith({}) })).rejects.toMatchObject(
      refused('stateRoot of the given state'),
    );
    expect(state.computeRoot()).toBe(genesis.stateRoot);
  });

  test('an error that is the node\u2019s own stops building and leaves the state as it was', async () => {
    const { environment, states, genesis } = await referenceChain();
    const state = states.openState(genesis.stateRoot);
    const failing: ExecutionEnvironment = {
      ...environment,
      evm: {
        runMessage: (within, message, block) => {
          if (message.value === 1n) throw new Error('disk');
          return transferOnlyEvm.runMessage(within, message, block);
        },
      },
    };
    const input = { ...proposal(genesis), state, transactions: transfers(3) };
    await expect(buildBlock(failing, input)).rejects.toThrow('disk');
    expect(state.computeRoot()).toBe(genesis.stateRoot);
  });

  test('a block is validated on its parent\u2019s state only', async () => {
    const { environment, states, genesis } = await referenceChain();
    const state = states.openState(genesis.stateRoot);
    const { block } = await buildBlock(environment, {
      ...proposal(genesis),
      state,
      transactions: transfers(1),
    });
    await expect(
      validateBlock(environment, { block, parent: genesis, state }),
    ).rejects.toMatchObject({ details: { field: 'stateRoot of the given state' } });
  });

  test('shards other than the beacon take transactions at any number', async () => {
    const { environment, states, genesis } = await referenceChain(1);
    const parent: Header = { ...genesis, number: 126n, shardState: new Uint8Array() };
    const { block, skipped } = await buildBlock(environment, {
      ...proposal(parent),
      state: states.openState(parent.stateRoot),
      transactions: [transaction(alice, reference, { shardId: 1 })],
    });
    expect(block.header.number).toBe(127n);
    expect([block.transactions.length, skipped.length]).toEqual([1, 0]);
  });

  test('the finalize hook runs after the transactions, for proposer and validator alike', async () => {
    const { environment, states, genesis } = await referenceChain();
    const paying: ExecutionEnvironment = {
      ...environment,
      finalize: (state, { block, header, results }) => {
        expect(header.number).toBe(block.number);
        expect(state.getNonce(alice.address)).toBe(BigInt(results.length));
        state.addBalance(block.coinbase, 7n * ONE);
      },
    };
    const input = { ...proposal(genesis), transactions: transfers(2) };
    const state = states.openState(genesis.stateRoot);
    const { block } = await buildBlock(paying, { ...input, state });
    expect(state.getBalance(LEADER)).toBe(7n * ONE);
    const again = () => ({ block, parent: genesis, state: states.openState(genesis.stateRoot) });
    await validateBlock(paying, again());
    await expect(validateBlock(environment, again())).rejects.toMatchObject({
      details: { code: 'executor/mismatch', field: 'stateRoot', actual: block.header.stateRoot },
    });
  });
});

describe('invalid blocks', () => {
  test('each field of the header that execution decides is compared, by name', async () => {
    const { environment, states, genesis } = await referenceChain();
    const { block } = await buildBlock(environment, {
      ...proposal(genesis),
      state: states.openState(genesis.stateRoot),
      transactions: transfers(2),
    });
    const wrong: [string, Partial<Header>][] = [
      ['gasUsed', { gasUsed: 41_999n }],
      ['gasUsed', { gasUsed: 30_000_001n }],
      ['logsBloom', { logsBloom: new Uint8Array(256).fill(1) }],
      ['receiptsRoot', { receiptsRoot: `0x${'11'.repeat(32)}` }],
      ['outgoingReceiptsRoot', { outgoingReceiptsRoot: `0x${'11'.repeat(32)}` }],
      ['stateRoot', { stateRoot: `0x${'11'.repeat(32)}` }],
      ['transactionsRoot', { transactionsRoot: `0x${'11'.repeat(32)}` }],
      ['incomingReceiptsRoot', { incomingReceiptsRoot: `0x${'11'.repeat(32)}` }],
      ['parentHash', { parentHash: `0x${'11'.repeat(32)}` }],
      ['number', { number: 2n }],
      ['shardId', { shardId: 1 }],
      ['epoch', { epoch: 1n }],
      ['gasLimit', { gasLimit: 30_000_001n }],
      ['timestamp', { timestamp: genesis.timestamp }],
      ['extraData', { extraData: Uint8Array.of(1) }],
      ['mixDigest', { mixDigest: `0x${'11'.repeat(32)}` }],
      ['vdf', { vdf: Uint8Array.of(1) }],
      ['vrf', { vrf: new Uint8Array(127) }],
      ['shardState', { shardState: genesis.shardState }],
    ];
    for (const [field, change] of wrong) {
      const state = states.openState(genesis.stateRoot);
      const bad: Block = { ...block, header: { ...block.header, ...change } };
      await expect(
        validateBlock(
          { ...environment, network: withoutRandomness },
          { block: bad, parent: genesis, state },
        ),
        field,
      ).rejects.toMatchObject({ details: { code: 'executor/mismatch', field } });
      expect(state.computeRoot()).toBe(genesis.stateRoot);
    }
  });

  test('a list that was changed is noticed, also when its root was changed with it', async () => {
    const { environment, states, genesis } = await referenceChain();
    const { block } = await buildBlock(environment, {
      ...proposal(genesis),
      state: states.openState(genesis.stateRoot),
      transactions: transfers(3),
    });
    const [first, second, third] = block.transactions as [
      SignedTransaction,
      SignedTransaction,
      SignedTransaction,
    ];
    const lists = [
      [first, second],
      [first, third, second],
      [second, first, third],
      [first, first],
    ];
    for (const transactions of lists) {
      const input = { parent: genesis, state: states.openState(genesis.stateRoot) };
      await expect(
        validateBlock(environment, { ...input, block: { ...block, transactions } }),
      ).rejects.toMatchObject({ details: { field: 'transactionsRoot' } });
      const header = { ...block.header, transactionsRoot: transactionsRoot(transactions) };
      const outcome = validateBlock(environment, {
        ...input,
        block: { ...block, header, transactions },
      });
      if (transactions.length === 2 && transactions[1] === second) {
        await expect(outcome).rejects.toMatchObject({ details: { field: 'gasUsed' } });
      } else {
        await expect(outcome).rejects.toMatchObject({
          details: {
            code: 'executor/transaction-failed',
            index: transactions[0] === first ? 1 : 0,
          },
          cause: { code: 'executor/invalid-transaction' },
        });
      }
    }
    const uncle = { ...block, uncles: [Uint8Array.of(0xc0)] };
    await expect(
      validateBlock(environment, {
        parent: genesis,
        state: states.openState(genesis.stateRoot),
        block: uncle,
      }),
    ).rejects.toMatchObject({ details: { field: 'uncles', expected: '0', actual: '1' } });
  });

  test('what is not executed is refused, not skipped', async () => {
    const body = { transactions: [], stakingTransactions: [], uncles: [], incomingReceipts: [] };
    const list = Uint8Array.of(0xc0);
    const refusals: [string, Network, Partial<Header>, object, number?][] = [
      ['staking-transaction', reference, {}, { stakingTransactions: [list] }],
      ['incoming-receipt', reference, {}, { incomingReceipts: [list] }],
      ['cross-link', reference, { crossLinks: list }, {}],
      ['slash-record', reference, { slashes: list }, {}],
      ['balance-migration', mainnet, { epoch: 1672n }, {}, 2],
    ];
    for (const [what, network, header, lists, shardId = 0] of refusals) {
      await expect(
        executeBlock(
          environmentOf(network, shardId),
          stateWith({}),
          headerAt(network, header.epoch ?? 0n, header),
          { ...body, ...lists },
        ),
      ).rejects.toMatchObject({ details: { code: 'executor/not-supported', what } });
    }
    for (const [epoch, shardId] of [
      [1671n, 2],
      [1673n, 2],
      [1672n, 1],
    ] as const) {
      const header = headerAt(mainnet, epoch, { shardId });
      await executeBlock(environmentOf(mainnet, shardId), stateWith({}), header, body);
    }
  });

  test('a failing block leaves the state as it was', async () => {
    const state = stateWith({ [alice.address]: ONE });
    const root = state.computeRoot();
    const transactions = [...transfers(2), transaction(alice, reference, { nonce: 9n })];
    const body = { transactions, stakingTransactions: [], uncles: [], incomingReceipts: [] };
    await expect(
      executeBlock(environmentOf(reference), state, headerAt(reference, 0n), body),
    ).rejects.toMatchObject({ details: { code: 'executor/transaction-failed', index: 2 } });
    expect(state.computeRoot()).toBe(root);
    expect(state.getNonce(alice.address)).toBe(0n);
  });
});

describe('headers', () => {
  const committees = genesisShardState(reference, referenceAccounts);

  /** A parent and a child that follow all rules, at any place of the chain. */
  const pair = (network: Network, parent: Partial<Header>, child: Partial<Header> = {}) => {
    const epoch = parent.epoch ?? 0n;
    const before = headerAt(network, epoch, { gasLimit: 30_000_000n, ...parent });
    const after = headerAt(network, child.epoch ?? epochAfter(network, before), {
      parentHash: computeHeaderHash(before),
      number: before.number + 1n,
      gasLimit: 30_000_000n,
      timestamp: before.timestamp + 2n,
      ...child,
    });
    return { before, after };
  };
  const check = (
    network: Network,
    { before, after }: ReturnType<typeof pair>,
    options: object = {},
  ) => validateHeader(after, before, { network, shardId: 0, engine, ...options });

  test('an epoch ends with the next committees, and the next block has the next epoch', async () => {
    const { environment, states, store, genesis } = await referenceChain();
    const shardState = encodeShardState({ ...committees, epoch: 1n }, 'staking');
    const parent: Header = { ...genesis, number: 126n, epoch: 0n, shardState: new Uint8Array() };
    const state = states.openState(parent.stateRoot);
    const missing = buildBlock(environment, { ...proposal(parent), state, transactions: [] });
    await expect(missing).rejects.toMatchObject({
      details: { field: 'shardState', expected: 'the next committees', actual: 'empty' },
    });
    const last = await buildBlock(environment, {
      ...proposal(parent),
      state,
      transactions: transfers(2),
      shardState,
    });
    expect(last.skipped.map(reasonOf)).toEqual(['epoch-end', 'epoch-end']);
    expect(last.block.header).toMatchObject({ number: 127n, epoch: 0n, shardState });
    await store.write(state.commit().operations);
    const next = await buildBlock(environment, {
      ...proposal(last.block.header),
      state,
      transactions: transfers(1),
    });
    expect(next.block.header).toMatchObject({ number: 128n, epoch: 1n });
    expect(next.block.transactions).toHaveLength(1);
  });

  test('the next epoch is that of the committees, or one more', () => {
    const staking = (epoch: bigint) => encodeShardState({ ...committees, epoch }, 'staking');
    const legacy = encodeShardState({ ...committees, epoch: undefined }, 'legacy');
    const at = (network: Network, fields: Partial<Header>): bigint =>
      epochAfter(network, headerAt(network, fields.epoch ?? 0n, fields));
    expect(at(reference, { epoch: 3n })).toBe(3n);
    expect(at(reference, { epoch: 3n, shardState: staking(4n) })).toBe(4n);
    // A shard that was behind jumps over epochs.
    expect(at(reference, { epoch: 3n, shardState: staking(9n) })).toBe(9n);
    expect(at(mainnet, { epoch: 86n, shardState: legacy })).toBe(87n);
    expect(at(mainnet, { epoch: 0n, number: 0n, shardState: legacy })).toBe(0n);
    expect(at(mainnet, { epoch: 180n, shardState: staking(185n) })).toBe(181n);
    expect(at(mainnet, { epoch: 180n, shardState: staking(186n) })).toBe(186n);
    const broken = headerAt(reference, 0n, { shardState: Uint8Array.of(0xc1, 0xff) });
    expect(() => epochAfter(reference, broken)).toThrow(
      expect.objectContaining({ code: 'executor/mismatch' }),
    );
  });

  test('headers up to version 2 name the hash of the committees they carry', () => {
    const shardState = encodeShardState({ ...committees, epoch: undefined }, 'legacy');
    const shardStateHash = computeShardStateHash(committees);
    const gas = { gasLimit: 80_000_000n, shardId: 1 };
    const at = (child: Partial<Header>) =>
      pair(mainnet, { ...gas, epoch: 100n, number: 2_000_000n }, { ...gas, shardState, ...child });
    const options = { shardId: 1 };
    check(mainnet, at({ shardStateHash }), options);
    for (const child of [{}, { shardStateHash: `0x${'11'.repeat(32)}` as const }]) {
      expect(() => check(mainnet, at(child), options)).toThrow(
        expect.objectContaining({
          details: expect.objectContaining({ field: 'shardStateHash', expected: shardStateHash }),
        }),
      );
    }
  });

  test('the header version follows the epoch', () => {
    const good = pair(
      mainnet,
      { epoch: 200n, number: 3_500_000n, gasLimit: 80_000_000n },
      { gasLimit: 80_000_000n },
    );
    check(mainnet, good);
    const { before, after } = good;
    const version2: Header = { ...after, version: 2 };
    expect(() => check(mainnet, { before, after: version2 })).toThrow(
      expect.objectContaining({
        details: { code: 'executor/mismatch', field: 'version', expected: '3', actual: '2' },
      }),
    );
  });

  test('times obey the clock from timestampValidation on', () => {
    const t = 1_600_000_000n;
    const nowMs = Number(t) * 1000;
    const refuse = (child: Partial<Header>, options: object, expected: object): void => {
      expect(() => check(reference, pair(reference, { timestamp: t }, child), options)).toThrow(
        expect.objectContaining({ details: expect.objectContaining(expected) }),
      );
    };
    const accept = (child: Partial<Header>, options: object): void =>
      check(reference, pair(reference, { timestamp: t }, child), options);
    accept({ timestamp: t + 1n }, { nowMs });
    refuse({ timestamp: t }, { nowMs }, { field: 'timestamp' });
    refuse({ timestamp: t - 1n }, {}, { field: 'timestamp' });
    // At most 12 seconds after the parent unless the clock says so, and never 15 s ahead of it.
    accept({ timestamp: t + 12n }, { nowMs });
    refuse({ timestamp: t + 13n }, { nowMs }, { code: 'executor/future-block', latest: t + 12n });
    accept({ timestamp: t + 13n }, { nowMs: nowMs + 13_000 });
    refuse(
      { timestamp: t + 13n },
      { nowMs: nowMs + 12_999 },
      { code: 'executor/future-block', latest: t + 12n },
    );
    accept({ timestamp: t + 10n }, { nowMs: nowMs - 5_000 });
    refuse(
      { timestamp: t + 10n },
      { nowMs: nowMs - 5_001 },
      { code: 'executor/future-block', latest: t + 9n },
    );
    accept({ timestamp: t + 1000n }, { nowMs: nowMs + 1_000_000 });
    accept({ timestamp: t + 10_000n }, {});
  });

  test('before timestampValidation only strict rules look at the time', () => {
    const gas = { gasLimit: 80_000_000n };
    const epoch = 2963n;
    const late = { number: 91_000_000n, timestamp: 100n };
    const child = (epochOf: bigint, timestamp: bigint) =>
      pair(mainnet, { ...gas, ...late, epoch: epochOf }, { ...gas, timestamp });
    const rules = 'network';
    check(mainnet, child(epoch, 100n), { rules, nowMs: 0 });
    expect(() => check(mainnet, child(epoch, 100n))).toThrow(ExecutionError);
    expect(() => check(mainnet, child(epoch + 1n, 100n), { rules })).toThrow(ExecutionError);
    expect(() => check(mainnet, child(epoch + 1n, 113n), { rules, nowMs: 0 })).toThrow(
      expect.objectContaining({ code: 'executor/future-block' }),
    );
    check(mainnet, child(epoch + 1n, 101n), { rules, nowMs: 100_000 });
  });

  test('the network\u2019s rules leave open what the Go node leaves open', () => {
    const open: Partial<Header>[] = [
      { gasLimit: 7n },
      { extraData: Uint8Array.of(1) },
      { mixDigest: `0x${'22'.repeat(32)}` },
      { vdf: Uint8Array.of(1) },
    ];
    for (const child of open) {
      const headers = pair(withoutRandomness, {}, child);
      check(withoutRandomness, headers, { rules: 'network' });
      expect(() => check(withoutRandomness, headers)).toThrow(ExecutionError);
    }
  });

  test('where shards are assigned at random, the beacon\u2019s headers may carry what decides it', () => {
    check(reference, pair(reference, {}, { vdf: Uint8Array.of(1) }));
  });

  test('VRF fields are empty before vrf and may be filled from it on', () => {
    const gas = { gasLimit: 80_000_000n };
    const at = (epoch: bigint, number: bigint, vrf: Uint8Array) =>
      pair(mainnet, { ...gas, epoch, number }, { ...gas, vrf });
    check(mainnet, at(631n, 15_000_000n, new Uint8Array(128)));
    check(mainnet, at(631n, 15_000_000n, new Uint8Array()));
    expect(() => check(mainnet, at(631n, 15_000_000n, new Uint8Array(96)))).toThrow(ExecutionError);
    expect(() => check(mainnet, at(630n, 15_000_000n, new Uint8Array(128)))).toThrow(
      ExecutionError,
    );
  });

  test('refused hashes are refused first', () => {
    const headers = pair(reference, {});
    const hash = computeHeaderHash(headers.after);
    const network = defineNetwork({ ...reference, refusedBlocks: [hash] });
    expect(() => check(network, headers)).toThrow(
      expect.objectContaining({ details: { code: 'executor/refused-block', hash } }),
    );
    check(reference, headers);
  });
});

test('states of several shards share a store under different prefixes', async () => {
  const store = memoryStore();
  for (const shardId of [0, 1]) {
    const states = createStateDatabase(store, { hasher: engine, prefix: Uint8Array.of(shardId) });
    const { root, operations } = genesisState(states, reference, shardId).commit();
    await store.write(operations);
    expect(states.openState(root).computeRoot()).toBe(root);
  }
});
