/** What the tests of this package share: networks by name, keys, signed transfers, small chains. */
import {
  emptyHeader,
  genesisHeader,
  type Header,
  headerVersionAt,
  type SignedTransaction,
  signingDigest,
  signingFormOf,
  type Transaction,
  withSignature,
} from '@polyphony/chain';
import { addressOfPublicKey, type Engine } from '@polyphony/crypto';
import { createWasmEngine } from '@polyphony/crypto/wasm';
import { localnet, mainnet, type Network, reference, testnet } from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import { type Address, keccak256, utf8ToBytes } from '@polyphony/primitives';
import { genesisShardState } from '@polyphony/sharding';
import { memoryStore } from '@polyphony/storage';
import {
  createStateDatabase,
  type ExecutionEnvironment,
  genesisState,
  type State,
  type StateDatabase,
  transferOnlyEvm,
} from '../src/index.js';

export const networks: Readonly<Record<string, Network>> = {
  localnet,
  mainnet,
  reference,
  testnet,
};

/** The fast engine; its answers are those of the pure one. */
export const engine: Engine = await createWasmEngine();

export interface TestAccount {
  readonly secretKey: Uint8Array;
  readonly address: Address;
}

export function testAccount(name: string): TestAccount {
  const secretKey = keccak256(utf8ToBytes(`executor test ${name}`));
  return { secretKey, address: addressOfPublicKey(engine.getPublicKey(secretKey), engine) };
}

export const alice: TestAccount = testAccount('alice');
export const bob: TestAccount = testAccount('bob');
export const LEADER: Address = `0x${'1e'.repeat(20)}`;
export const NOBODY: Address = `0x${'ab'.repeat(20)}`;

/** A signed transaction; what is left out is a transfer of 1 atto to nobody on shard 0. */
export function transaction(
  from: TestAccount,
  network: Network,
  fields: Partial<Transaction> & { readonly chainId?: bigint | undefined } = {},
): SignedTransaction {
  const { chainId = network.chainId, ...rest } = fields;
  const shardId = fields.shardId ?? 0;
  const tx: Transaction = {
    nonce: 0n,
    gasPrice: 10n ** 9n,
    gasLimit: 21000n,
    shardId,
    toShardId: shardId,
    to: NOBODY,
    value: 1n,
    data: new Uint8Array(),
    ...rest,
  };
  const signed = 'chainId' in fields && fields.chainId === undefined ? undefined : chainId;
  const digest = signingDigest(tx, signingFormOf(signed), engine);
  return withSignature(tx, engine.signDigest(digest, from.secretKey), signed);
}

export const ONE: bigint = 10n ** 18n;

/** A state with balances that is not stored. */
export function stateWith(balances: Readonly<Record<Address, bigint>>): State {
  const states = createStateDatabase(memoryStore(), { hasher: engine });
  const accounts = Object.entries(balances).map(([address, balance]) => ({
    address: address as Address,
    balance,
  }));
  return genesisState(states, reference, 0, accounts);
}

/** A header of an epoch with room for transactions and nothing filled in. */
export function headerAt(network: Network, epoch: bigint, fields: Partial<Header> = {}): Header {
  return {
    ...emptyHeader(headerVersionAt(network, epoch)),
    number: 10n,
    gasLimit: 80_000_000n,
    timestamp: 1_600_000_000n,
    epoch,
    coinbase: LEADER,
    ...fields,
  };
}

export function environmentOf(network: Network, shardId = 0): ExecutionEnvironment {
  return { network, shardId, evm: transferOnlyEvm, engine };
}

/** A chain of the reference network's shard in memory, from its genesis block, with rich accounts. */
export async function referenceChain(shardId = 0): Promise<{
  readonly environment: ExecutionEnvironment;
  readonly states: StateDatabase;
  readonly store: ReturnType<typeof memoryStore>;
  readonly genesis: Header;
}> {
  const store = memoryStore();
  const states = createStateDatabase(store, { hasher: engine });
  const accounts = [alice, bob].map(({ address }) => ({ address, balance: 1_000_000n * ONE }));
  const { root, operations, confirm } = genesisState(states, reference, shardId, accounts).commit();
  await store.write(operations);
  confirm();
  const shardState = genesisShardState(reference, referenceAccounts);
  const genesis = genesisHeader(reference, shardId, { shardState, stateRoot: root });
  return { environment: environmentOf(reference, shardId), states, store, genesis };
}
