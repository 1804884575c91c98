/**
 * The economy of a running network, checked from outside: every block of its beacon chain is simulated
 * again by `simulateEpoch`, and every record and balance compared to the atto.
 */
import type { Bls } from '@polyphony/bls';
import {
  type Block,
  decodeSlashRecords,
  decodeStakingTransaction,
  type Header,
  recoverSender,
  recoverStakingSender,
  type SlashRecord,
} from '@polyphony/chain';
import type { Engine } from '@polyphony/crypto';
import {
  createStakingLedger,
  type EconomyState,
  encodeValidatorWrapper,
  type SimulatedBlock,
  simulateEpoch,
} from '@polyphony/epos';
import { strictPayload } from '@polyphony/fbft/seal';
import { encodeGossip, encodeStrictMessage } from '@polyphony/fbft/wire';
import {
  defineNetwork,
  genesisBalances,
  lastBlockOfEpoch,
  type Network,
  reference,
} from '@polyphony/networks';
import { type ReferenceTestMember, referenceAccounts } from '@polyphony/networks/genesis/reference';
import { topicOf } from '@polyphony/p2p';
import { type Address, bytesToHex, equalBytes, hexToBytes } from '@polyphony/primitives';
import { carriedSeals, type Peer, type ReferenceNode } from '@polyphony/reference-node';
import { decodeShardState, genesisShardState } from '@polyphony/sharding';
import { expect } from 'vitest';
import { registerOperators } from '../src/operators.js';
import { removeFolder, startTestNetwork, type TestNetwork, temporaryFolder } from './support.js';

/** The reference network with epochs of seconds: blocks each second, a short delay. */
export function hastyReference(blocksPerEpoch: bigint): Network {
  return defineNetwork({
    ...reference,
    name: 'hasty-reference',
    activations: { ...reference.activations, oneSecond: 0n },
    schedule: [{ fromEpoch: 0n, blocksPerEpoch }],
    rewardPeriodBlocks: 4n,
    randomSharding: { delaySquarings: 100, discriminantBits: 512 },
  });
}

/** An economy under test: a network from an empty folder, without operators yet. */
export interface Economy {
  readonly running: TestNetwork;
  /** Registers the members as validators, as operators do, in the first blocks. */
  registerOperators(): Promise<void>;
  /** Stops the network and removes its folder. */
  close(): Promise<void>;
}

/** Starts an economy. */
export async function startEconomy(network: Network): Promise<Economy> {
  const folder = await temporaryFolder();
  const running = await startTestNetwork(folder, network);
  const local = running.network;
  return {
    running,
    registerOperators: () =>
      registerOperators({
        network,
        bls: running.bls,
        httpUrl: local.view().shards[0]!.httpUrl,
        isValidator: (address) => local.isValidator(address),
        onNote: (text) => running.notes.push(text),
      }),
    close: async () => {
      await local.close();
      await removeFolder(folder);
    },
  };
}

/** The epochs that a beacon chain has whole, from the first on. */
export function wholeEpochs(node: ReferenceNode, network: Network): bigint {
  const { number, epoch } = node.chain.head.block.header;
  return number === lastBlockOfEpoch(network, epoch) ? epoch + 1n : epoch;
}

/** How many blocks the epoch of a beacon chain's head still has. */
export function blocksLeft(node: ReferenceNode, network: Network): bigint {
  const { number, epoch } = node.chain.head.block.header;
  return lastBlockOfEpoch(network, epoch) - number;
}

function headerAt(node: ReferenceNode, number: bigint): Header {
  return node.chain.blockAt(number)!.block.header;
}

/** What a block of the chain does beside the rules, as a simulation takes it. */
function simulated(
  node: ReferenceNode,
  number: bigint,
  network: Network,
  engine: Engine,
): SimulatedBlock {
  const { hash, block } = node.chain.blockAt(number)!;
  const { header } = block;
  if (number === 0n)
    return { time: header.timestamp, seals: { parent: undefined, crossLinks: [] } };
  const parent = headerAt(node, number - 1n);
  const receipts = node.chain.receipts(hash);
  const { plain, staking } = sendersOf(block, network, engine);
  return {
    time: header.timestamp,
    coinbase: header.coinbase,
    seals: carriedSeals(header, parent, network),
    transfers: block.transactions.map((tx, i) => ({
      from: plain[i]!,
      to: tx.to!,
      amount: tx.value,
    })),
    fees: [...plain, ...staking].map((from, i) => ({
      from,
      amount: receipts[i]!.gasUsed * receipts[i]!.effectiveGasPrice!,
    })),
    directives: block.stakingTransactions.map((bytes) => decodeStakingTransaction(bytes).directive),
    slashes: decodeSlashRecords(header.slashes, network.consensusVersion),
  };
}

function sendersOf(block: Block, network: Network, engine: Engine) {
  return {
    plain: block.transactions.map((tx) => recoverSender(tx, { network, shardId: 0, engine })),
    staking: block.stakingTransactions.map((bytes) =>
      recoverStakingSender(decodeStakingTransaction(bytes), { network, engine }),
    ),
  };
}

/**
 * Simulates all whole epochs of a beacon chain from genesis and compares records, balances and what
 * was issued and burnt with the chain's own.
 *
 * @returns The state after them, and how many accounts were compared.
 */
export function replayEconomy(
  node: ReferenceNode,
  network: Network,
  engine: Engine,
): { readonly state: EconomyState; readonly epochs: number; readonly accounts: number } {
  const genesis = genesisShardState(network, referenceAccounts);
  const balances = genesisBalances(network, 0).map(
    ({ address, balance }) => [address, balance] as const,
  );
  const time = headerAt(node, 0n).timestamp;
  let state: EconomyState = {
    epoch: 0n,
    // Genesis is the first block of epoch 0.
    blockNumber: -1n,
    time,
    paidTime: time,
    ledger: createStakingLedger({ balances }).toStart(0n),
    shardStates: [{ ...genesis, epoch: 0n }],
    carried: [],
    compounding: [],
    totals: { issued: 0n, burntFees: 0n, burntStake: 0n, duplicated: 0n, accumulated: 0n },
  };
  const epochs = wholeEpochs(node, network);
  let accounts = 0;
  for (let epoch = 0n; epoch < epochs; epoch++) {
    const last = headerAt(node, lastBlockOfEpoch(network, epoch));
    const outcome = simulateEpoch(state, {
      network,
      accounts: referenceAccounts,
      block: (number) => simulated(node, number, network, engine),
      assign: () => decodeShardState(last.shardState),
    });
    expect(outcome.refused).toEqual([]);
    state = outcome.state;
    accounts = compare(node, last, state);
  }
  return { state, epochs: Number(epochs), accounts };
}

/** Compares every record and balance after a block; answers how many there are. */
function compare(node: ReferenceNode, header: Header, state: EconomyState): number {
  const view = node.stakingAfter(header)!;
  const ledger = createStakingLedger(state.ledger);
  // The list is that of the head: later blocks only add to it.
  const listed = ledger.validators();
  expect(view.validators().slice(0, listed.length)).toEqual(listed);
  for (const address of listed) {
    const simulatedRecord = bytesToHex(encodeValidatorWrapper(ledger.wrapperOf(address)!));
    const record = bytesToHex(encodeValidatorWrapper(view.wrapperOf(address)!));
    expect(record, `record of ${address} after block ${header.number}`).toBe(simulatedRecord);
  }
  const accounts: readonly Address[] = ledger.accounts();
  for (const address of accounts) {
    expect(view.balanceOf(address), `balance of ${address} after block ${header.number}`).toBe(
      ledger.balanceOf(address),
    );
  }
  return ledger.validators().length + accounts.length;
}

/** The double signing that a chain punished first: the record and the block that carries it. */
export function firstSlash(
  node: ReferenceNode,
  network: Network,
): { readonly number: bigint; readonly record: SlashRecord } | undefined {
  for (let number = 1n; number <= node.chain.head.block.header.number; number++) {
    const [record] = decodeSlashRecords(headerAt(node, number).slashes, network.consensusVersion);
    if (record !== undefined) return { number, record };
  }
  return undefined;
}

/**
 * Lets a member of a shard's committee cast two commit votes in the first view of the height at hand,
 * for blocks that do not exist, as gossip from somewhere. Whoever hears both reports them.
 *
 * @param node - Of that shard.
 */
export function signTwice(
  node: ReferenceNode,
  network: Network,
  {
    bls,
    peer,
    member,
  }: { readonly bls: Bls; readonly peer: Peer; readonly member: ReferenceTestMember },
): void {
  const { header } = node.chain.head.block;
  // The next height is of another epoch, which may have other members.
  if (header.shardState.length > 0) return;
  const { epoch, shardId } = header;
  const place = { wire: 2, shardId, epoch, height: header.number + 1n } as const;
  const viewId = header.viewId + 1n;
  const key = hexToBytes(member.blsPublicKey);
  const { slots } = node.shardStates.at(epoch).committees[shardId]!;
  const slot = slots.findIndex(({ blsPublicKey }) => equalBytes(blsPublicKey, key));
  if (slot < 0) return;
  for (const byte of [0xa1, 0xb2]) {
    const blockHash = new Uint8Array(32).fill(byte);
    const payload = strictPayload(
      { chainId: network.chainId, shardId, epoch },
      { kind: 'commit', height: place.height, viewId, hash: blockHash, certificateView: 0n },
    );
    const message = encodeStrictMessage({
      ...place,
      type: 'commit',
      viewId,
      blockHash,
      justifiedBy: 0n,
      slot,
      bitmap: new Uint8Array(0),
      signature: bls.sign(payload, hexToBytes(member.blsSecretKey)),
    });
    peer.publish(topicOf(network, shardId), encodeGossip({ category: 'consensus-2', message }));
  }
}
