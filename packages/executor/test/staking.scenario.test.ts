import {
  BLOOM_BYTES,
  type Directive,
  decodeBlock,
  decodeStakingTransaction,
  encodeBlock,
  encodeStakingTransaction,
  type Header,
  type SignedStakingTransaction,
  type SignedTransaction,
  type StakingTransaction,
  stakingSigningDigest,
  withStakingSignature,
} from '@polyphony/chain';
import { validatorListKey } from '@polyphony/chain/database-keys';
import { STAKING_HASHES, type ValidatorWrapper } from '@polyphony/epos';
import { localnet, mainnet, type Network, reference } from '@polyphony/networks';
import { type Address, parseDec } from '@polyphony/primitives';
import { memoryStore } from '@polyphony/storage';
import { describe, expect, test } from 'vitest';
import {
  type BuiltBlock,
  buildBlock,
  createStakingSession,
  type ExecutionEnvironment,
  ExecutionError,
  executeBlock,
  type Finalize,
  openStakingTables,
  type State,
  type StoredStakingTables,
  validateBlock,
} from '../src/index.js';
import {
  alice,
  bob,
  engine,
  environmentOf,
  headerAt,
  LEADER,
  ONE,
  referenceChain,
  stateWith,
  type TestAccount,
  transaction,
} from './support.js';

const GAS_PRICE = 10n ** 9n;
const KEY = new Uint8Array(48).fill(7);

function staking(
  from: TestAccount,
  directive: Directive,
  fields: Partial<StakingTransaction> = {},
  network: Network = reference,
): SignedStakingTransaction {
  const tx = { directive, nonce: 0n, gasPrice: GAS_PRICE, gasLimit: 6_000_000n, ...fields };
  const digest = stakingSigningDigest(tx, network.chainId, engine);
  return withStakingSignature(tx, engine.signDigest(digest, from.secretKey), network.chainId);
}

function creation(validator: Address, key = KEY): Directive {
  return {
    type: 'create-validator',
    validatorAddress: validator,
    description: { name: 'a', identity: validator, website: '', securityContact: '', details: '' },
    commissionRates: {
      rate: parseDec('0.1'),
      maxRate: parseDec('0.9'),
      maxChangeRate: parseDec('0.05'),
    },
    minSelfDelegation: 10_000n * ONE,
    maxTotalDelegation: 100_000n * ONE,
    slotPublicKeys: [key],
    slotKeySignatures: [new Uint8Array(96)],
    amount: 20_000n * ONE,
  };
}

const delegation = (delegator: Address, validator: Address, amount = 1_000n * ONE): Directive => ({
  type: 'delegate',
  delegatorAddress: delegator,
  validatorAddress: validator,
  amount,
});

/** A beacon chain in memory that executes staking; key proofs count as right. */
async function beaconChain(finalize?: Finalize) {
  const chain = await referenceChain();
  const tables = openStakingTables(chain.store);
  const environment: ExecutionEnvironment = {
    ...chain.environment,
    staking: { tables, verifyKeyProof: () => true, harmonyKeysAt: () => new Set() },
    ...(finalize === undefined ? {} : { finalize }),
  };
  let parent = chain.genesis;
  return {
    tables,
    environment,
    get state(): State {
      return chain.states.openState(parent.stateRoot);
    },
    get parent(): Header {
      return parent;
    },
    build: (
      stakingTransactions: SignedStakingTransaction[],
      transactions: SignedTransaction[] = [],
    ) =>
      buildBlock(environment, {
        parent,
        state: chain.states.openState(parent.stateRoot),
        transactions,
        stakingTransactions,
        timestamp: parent.timestamp + 2n,
        viewId: parent.viewId + 1n,
        coinbase: LEADER,
        lastCommitSignature: new Uint8Array(96),
        lastCommitBitmap: parent.number === 0n ? new Uint8Array() : Uint8Array.of(0x0f),
      }),
    /** Validates as another node would, and stores block and tables. */
    async append({ block }: BuiltBlock) {
      const state = chain.states.openState(parent.stateRoot);
      const result = await validateBlock(environment, {
        block: decodeBlock(encodeBlock(block)),
        parent,
        state,
      });
      const commit = state.commit();
      await chain.store.write([
        ...commit.operations,
        ...tables.operationsOf(result.staking!.tables),
      ]);
      commit.confirm();
      parent = block.header;
      return result;
    },
  };
}

const refusal = (error: unknown) =>
  error instanceof ExecutionError && error.details.code === 'executor/invalid-transaction'
    ? (error.details.text ?? error.details.reason)
    : String(error);

function wrapperIn(state: State, tables: StoredStakingTables, address: Address): ValidatorWrapper {
  const block = { network: reference, shardId: 0, epoch: 0n, number: 1n } as never;
  const session = createStakingSession(state, block, {
    tables,
    verifyKeyProof: () => true,
    harmonyKeysAt: () => new Set(),
  });
  return session.wrapperOf(address)!;
}

describe('staking on the beacon shard', () => {
  test('a validator is created, delegated to in a later block, and indexed', async () => {
    const chain = await beaconChain();
    const before = chain.state.getBalance(alice.address);
    const first = await chain.build([staking(alice, creation(alice.address))]);
    expect(first.skippedStaking).toEqual([]);
    const result = await chain.append(first);
    const [created] = result.stakingResults;
    expect(created!.gasUsed).toBeGreaterThan(5_300_000n);
    expect(result.gasUsed).toBe(created!.gasUsed);
    expect(created!.burnt).toBe(created!.fee);
    const state = chain.state;
    expect(state.getNonce(alice.address)).toBe(1n);
    expect(before - state.getBalance(alice.address)).toBe(20_000n * ONE + created!.fee);
    expect(state.getStorage(alice.address, STAKING_HASHES.validatorPlace)).toBe(
      BigInt(STAKING_HASHES.validatorMark),
    );
    expect(chain.tables.validators()).toEqual([alice.address]);
    expect(chain.tables.snapshotOf(alice.address, 0n)?.delegations[0]?.amount).toBe(20_000n * ONE);

    const plain = transaction(bob, reference, { value: 3n });
    const second = await chain.build(
      [staking(bob, delegation(bob.address, alice.address), { nonce: 1n })],
      [plain],
    );
    const { receipts, gasUsed } = await chain.append(second);
    expect(receipts.map(({ cumulativeGasUsed }) => cumulativeGasUsed)).toEqual([21000n, gasUsed]);
    expect(chain.tables.delegationsOf(bob.address)).toEqual([
      { validator: alice.address, index: 1, blockNumber: 2n },
    ]);
    const wrapper = wrapperIn(chain.state, chain.tables, alice.address);
    expect(wrapper.delegations.map(({ amount }) => amount)).toEqual([20_000n * ONE, 1_000n * ONE]);
    const stored = second.block.stakingTransactions.map(decodeStakingTransaction);
    expect(stored[0]?.directive.type).toBe('delegate');
  });

  test('what is refused stays out of the block and changes nothing', async () => {
    const chain = await beaconChain();
    const taken = staking(alice, creation(alice.address));
    const built = await chain.build([
      taken,
      staking(bob, creation(bob.address)), // the same key, later in the block
      staking(bob, delegation(alice.address, alice.address)), // not the signer
      staking(bob, delegation(bob.address, bob.address)), // no validator
      staking(bob, delegation(bob.address, alice.address, ONE)), // too little
      staking(bob, delegation(bob.address, alice.address), { nonce: 3n }),
      staking(bob, delegation(bob.address, alice.address), { gasLimit: 21_000n }),
      staking(bob, delegation(bob.address, alice.address), {}, localnet),
      staking(bob, delegation(bob.address, alice.address), { gasLimit: 10n ** 9n, gasPrice: 1n }),
    ]);
    expect(built.block.stakingTransactions).toHaveLength(1);
    expect(built.skippedStaking.map(({ reason }) => refusal(reason))).toEqual([
      expect.stringContaining('BLS key exists'),
      'invalid signer for staking transaction',
      'staking validator does not exist',
      expect.stringContaining('minimum delegation amount'),
      'nonce-too-high',
      'intrinsic-gas-too-low',
      'invalid-sender',
      'block-gas-exceeded',
    ]);
    const { gasUsed } = await chain.append(built);
    const alone = await beaconChain();
    const same = await alone.build([taken]);
    expect(same.block.header.stateRoot).toBe(built.block.header.stateRoot);
    expect(same.block.header.gasUsed).toBe(gasUsed);
  });

  test('a block with a refused directive is invalid, and the state is as before', async () => {
    const chain = await beaconChain();
    const { block } = await chain.build([staking(alice, creation(alice.address))]);
    const bad = {
      ...block,
      stakingTransactions: [...block.stakingTransactions, ...block.stakingTransactions],
    };
    const state = chain.state;
    await expect(executeBlock(chain.environment, state, block.header, bad)).rejects.toMatchObject({
      code: 'executor/transaction-failed',
      details: { index: 1 },
    });
    expect(state.computeRoot()).toBe(chain.parent.stateRoot);
    const garbage = { ...block, stakingTransactions: [Uint8Array.of(0xc0)] };
    await expect(
      executeBlock(chain.environment, state, block.header, garbage),
    ).rejects.toMatchObject({ code: 'executor/transaction-failed' });
  });

  test('logs of staking are in the header bloom and not in that of the receipt', async () => {
    const reward = 5n * ONE;
    const chain = await beaconChain((_state, { header, staking: session }) => {
      if (header.number !== 1n) return;
      const wrapper = session!.wrapperOf(alice.address)!;
      const delegations = wrapper.delegations.map((share) => ({ ...share, reward }));
      session!.apply({
        wrappers: new Map([[alice.address, { ...wrapper, delegations }]]),
        balances: new Map(),
        logs: [],
        created: [],
        firstElectionEpochs: new Map(),
        issued: reward,
        burned: 0n,
      });
    });
    const { staking: outcome } = await chain.append(
      await chain.build([staking(alice, creation(alice.address))]),
    );
    expect(outcome).toMatchObject({ issued: reward, burned: 0n });
    const collect = { type: 'collect-rewards', delegatorAddress: alice.address } as const;
    const built = await chain.build([staking(alice, collect, { nonce: 1n })]);
    const [collected] = built.result.stakingResults;
    expect(collected!.logs[0]!.topics).toEqual([STAKING_HASHES.collectRewardsTopic]);
    expect(collected!.receipt.logsBloom).toEqual(new Uint8Array(BLOOM_BYTES));
    expect(built.block.header.logsBloom).not.toEqual(new Uint8Array(BLOOM_BYTES));
  });

  test('nothing is created or lost but what the outcome says', async () => {
    const chain = await beaconChain();
    const everything = (state: State): bigint => {
      const wrapper = wrapperIn(state, chain.tables, alice.address);
      const held = (wrapper?.delegations ?? []).reduce(
        (sum, { amount, reward, undelegations }) =>
          sum +
          amount +
          reward +
          undelegations.reduce((locked, entry) => locked + entry.amount, 0n),
        0n,
      );
      return state.getBalance(alice.address) + state.getBalance(bob.address) + held;
    };
    let supply = everything(chain.state);
    let nonce = 0n;
    for (const directives of [
      [creation(alice.address)],
      [delegation(alice.address, alice.address, 2_000n * ONE)],
      [
        {
          type: 'undelegate',
          delegatorAddress: alice.address,
          validatorAddress: alice.address,
          amount: 3_000n * ONE,
        } as const,
        delegation(alice.address, alice.address, 100n * ONE),
      ],
    ]) {
      const txs = directives.map((directive) => staking(alice, directive, { nonce: nonce++ }));
      const { stakingResults } = await chain.append(await chain.build(txs));
      supply -= stakingResults.reduce((sum, { burnt }) => sum + burnt, 0n);
      expect(everything(chain.state)).toBe(supply);
    }
  });
});

describe('where staking is not', () => {
  test('other shards, early epochs and nodes without tables refuse it', async () => {
    const tx = staking(alice, creation(alice.address), {}, mainnet);
    const state = stateWith({ [alice.address]: 100_000n * ONE });
    const tables = openStakingTables(memoryStore());
    const environment: ExecutionEnvironment = {
      ...environmentOf(mainnet),
      staking: { tables, verifyKeyProof: () => true, harmonyKeysAt: () => new Set() },
    };
    const early = headerAt(mainnet, 184n);
    const body = {
      transactions: [],
      stakingTransactions: [encodeStakingTransaction(tx)],
      uncles: [],
      incomingReceipts: [],
    };
    await expect(executeBlock(environment, state, early, body)).rejects.toThrow('from epoch 185');
    const at185 = headerAt(mainnet, 185n);
    expect((await executeBlock(environment, state, at185, body)).stakingResults).toHaveLength(1);
    const onShard1 = { ...environment, shardId: 1 };
    await expect(
      executeBlock(onShard1, state, { ...at185, shardId: 1 }, body),
    ).rejects.toMatchObject({ code: 'executor/transaction-failed' });
    const { staking: _, ...without } = environment;
    await expect(executeBlock(without, state, at185, body)).rejects.toMatchObject({
      code: 'executor/not-supported',
    });
  });

  test('a damaged table is noticed', async () => {
    const store = memoryStore();
    await store.write([{ type: 'put', key: validatorListKey(), value: Uint8Array.of(0xc1, 0x80) }]);
    expect(() => openStakingTables(store).validators()).toThrow(
      expect.objectContaining({ code: 'executor/corrupt-table' }),
    );
  });
});
