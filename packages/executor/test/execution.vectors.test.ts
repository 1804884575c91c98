import {
  computeHeaderHash,
  decodeHeader,
  decodeTransaction,
  genesisHeader,
  type Header,
} from '@polyphony/chain';
import { mainnet } from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { type Address, type Hash, type Hex, hexToBytes } from '@polyphony/primitives';
import { encodeShardState, genesisShardState, staticShardState } from '@polyphony/sharding';
import { memoryStore } from '@polyphony/storage';
import { loadVectors, packageFolder, unreadVectorFiles } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  createStateDatabase,
  executeBlock,
  genesisState,
  type ValidationRules,
  validateBlock,
  validateHeader,
} from '../src/index.js';
import {
  alice,
  engine,
  environmentOf,
  headerAt,
  networks,
  ONE,
  stateWith,
  transaction,
} from './support.js';

const bodyOf = (transactions: Parameters<typeof executeBlock>[3]['transactions']) => ({
  transactions,
  stakingTransactions: [],
  uncles: [],
  incomingReceipts: [],
});

describe('blocks of transfers by era', () => {
  const cases = loadVectors<
    {
      network: string;
      epoch: string;
      shardId: number;
      coinbase: Address;
      accounts: { address: Address; nonce: string; balance: string }[];
      transactions: Hex[];
    },
    {
      stateRoot: Hash;
      receiptsRoot: Hash;
      gasUsed: string;
      senders: Address[];
      balances: Record<Address, string>;
    }
  >(import.meta.url, 'transfers', {
    in: ['network', 'epoch', 'shardId', 'coinbase', 'accounts', 'transactions'],
    out: ['stateRoot', 'receiptsRoot', 'gasUsed', 'senders', 'balances'],
  });
  test.each(cases)('$name', async ({ in: given, out }) => {
    const network = networks[given.network]!;
    const { shardId, coinbase } = given;
    const state = genesisState(
      createStateDatabase(memoryStore(), { hasher: engine }),
      network,
      shardId,
      given.accounts.map(({ address, nonce, balance }) => ({
        address,
        balance: BigInt(balance),
        nonce: BigInt(nonce),
      })),
    );
    const header = headerAt(network, BigInt(given.epoch), { shardId, coinbase });
    const transactions = given.transactions.map((rlp) => decodeTransaction(hexToBytes(rlp)));
    const result = await executeBlock(
      environmentOf(network, shardId),
      state,
      header,
      bodyOf(transactions),
    );
    expect({
      stateRoot: result.stateRoot,
      receiptsRoot: result.receiptsRoot,
      gasUsed: String(result.gasUsed),
      senders: result.results.map(({ sender }) => sender),
      balances: Object.fromEntries(
        Object.keys(out!.balances).map((address) => [
          address,
          String(state.getBalance(address as Address)),
        ]),
      ),
    }).toEqual(out);
    // Every atto is accounted for: what is gone was burnt.
    const total = (values: string[]): bigint => values.reduce((sum, v) => sum + BigInt(v), 0n);
    const burnt = result.results.reduce((sum, entry) => sum + entry.burnt, 0n);
    expect(total(Object.values(out!.balances)) + burnt).toBe(
      total(given.accounts.map(({ balance }) => balance)),
    );
  });
});

describe('receipts of real blocks', () => {
  const cases = loadVectors<
    { network: string; epoch: string; transfers: number },
    { receiptsRoot: Hash; gasUsed: string }
  >(import.meta.url, 'receipts-of-transfers', {
    in: ['network', 'epoch', 'transfers'],
    out: ['receiptsRoot', 'gasUsed'],
  });
  test.each(cases)('$name', async ({ in: given, out }) => {
    const network = networks[given.network]!;
    const transactions = Array.from({ length: given.transfers }, (_, i) =>
      transaction(alice, network, { nonce: BigInt(i) }),
    );
    const result = await executeBlock(
      environmentOf(network),
      stateWith({ [alice.address]: ONE }),
      headerAt(network, BigInt(given.epoch)),
      bodyOf(transactions),
    );
    expect(result.receiptsRoot).toBe(out!.receiptsRoot);
    expect(String(result.gasUsed)).toBe(out!.gasUsed);
  });
});

describe('real headers after real headers', () => {
  const cases = loadVectors<
    { parent?: Hex; header: Hex; committeesOfEpoch?: string; rules: ValidationRules },
    { hash: Hash }
  >(import.meta.url, 'header-pairs', {
    in: ['parent', 'header', 'committeesOfEpoch', 'rules'],
    out: ['hash'],
  });
  const genesis = (): Header =>
    genesisHeader(mainnet, 0, { shardState: genesisShardState(mainnet, mainnetAccounts) });
  test.each(cases)('$name', ({ in: given, out, error }) => {
    const parent = given.parent === undefined ? genesis() : decodeHeader(hexToBytes(given.parent));
    const bare = decodeHeader(hexToBytes(given.header));
    const header =
      given.committeesOfEpoch === undefined
        ? bare
        : {
            ...bare,
            shardState: encodeShardState(
              staticShardState(mainnet, mainnetAccounts, BigInt(given.committeesOfEpoch)),
              'legacy',
            ),
          };
    const check = () =>
      validateHeader(header, parent, { network: mainnet, shardId: 0, engine, rules: given.rules });
    if (error !== undefined) {
      expect(check).toThrow(expect.objectContaining({ code: error }));
      return;
    }
    expect(computeHeaderHash(header)).toBe(out!.hash);
    check();
  });

  test('block 1 of mainnet executes to its state root', async () => {
    const block = cases.find(({ in: { parent }, error }) => !parent && !error)!;
    const header = decodeHeader(hexToBytes(block.in.header));
    const states = createStateDatabase(memoryStore(), { hasher: engine });
    const state = genesisState(states, mainnet, 0);
    const result = await validateBlock(environmentOf(mainnet), {
      block: { header, ...bodyOf([]) },
      parent: genesis(),
      state,
    });
    expect(result.stateRoot).toBe(header.stateRoot);
  });
});

test('every vector file is read', () => {
  expect(unreadVectorFiles(packageFolder(import.meta.url))).toEqual([]);
});
