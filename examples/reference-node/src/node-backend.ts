/** What a node's RPC is answered from: its chain, states, pool and driver, joined. */
import { bitmapIndices } from '@polyphony/bls/bitmap';
import { decodeCommitSeal, decodeEthereumTransaction, decodeTransaction } from '@polyphony/chain';
import type { StateDatabase } from '@polyphony/executor';
import { modeName, phaseName } from '@polyphony/fbft';
import type { Driver } from '@polyphony/fbft/driver';
import type { Network } from '@polyphony/networks';
import type { Gossip, PeerRequests } from '@polyphony/p2p';
import { bytesToPlainHex, hexToBytes, ZERO_ADDRESS } from '@polyphony/primitives';
import type { Admission } from './admission.js';
import type { ShardApplication } from './application.js';
import type { ChainStore } from './chain-store.js';
import type { Committees } from './committees.js';
import type { NodeGossip } from './gossip.js';
import type { LocalSigner } from './keys.js';
import type { Mempool } from './mempool.js';
import type { AccountsView, NodeBackend } from './rpc/backend.js';
import { VERSION } from './version.js';

/** The parts of a node that its RPC reads and calls. */
export interface NodeBackendOptions {
  readonly network: Network;
  readonly shardId: number;
  readonly chain: ChainStore;
  readonly states: StateDatabase;
  readonly committees: Committees;
  readonly mempool: Mempool;
  readonly admission: Admission;
  readonly application: ShardApplication;
  readonly driver: Driver;
  readonly signer: LocalSigner;
  readonly gossip: NodeGossip;
  readonly peer: Gossip & PeerRequests;
  readonly startedAtSeconds: number;
  /** From the newest own proposal to its commit, ms; undefined before the first. */
  finalityMs(): number | undefined;
  readonly shards: NodeBackend['shards'];
}

/** The backend over the parts of a node. */
export function createNodeBackend(options: NodeBackendOptions): NodeBackend {
  const { network, shardId, chain, states, committees, mempool, admission, application } = options;
  const { driver, signer, gossip, peer } = options;

  return {
    network,
    shardId,
    chain,
    accountsAt({ stateRoot }): AccountsView {
      const state = states.openState(stateRoot);
      return {
        nonceOf: (address) => state.getNonce(address),
        balanceOf: (address) => state.getBalance(address),
        codeOf: (address) => state.getCode(address),
        storageOf: (address, slot) => {
          const value = state.getStorage(address, `0x${bytesToPlainHex(slot)}`);
          return hexToBytes(value.toString(16).padStart(64, '0'));
        },
      };
    },
    leaderOf(header) {
      const slot = header.number === 0n ? -1 : committees.proposerOf(header);
      return committees.committeeAt(header.epoch).slots[slot]?.address ?? ZERO_ADDRESS;
    },
    signersOf(number) {
      const header = chain.blockAt(number)?.block.header;
      const seal = chain.seal(number);
      if (header === undefined || seal === undefined) return undefined;
      const { slots } = committees.committeeAt(header.epoch);
      const { bitmap } = decodeCommitSeal(seal, network);
      return bitmapIndices(bitmap, slots.length).map((slot) => slots[slot]!.address);
    },
    senderOf: admission.senderOf,
    pooled: (hash) => mempool.get(hash),
    nextNonce: (address) => mempool.nextNonce(address, application.poolState()),
    poolCounts: () => mempool.counts(application.poolState()),
    submit(bytes, form) {
      const transaction =
        form === 'ethereum' ? decodeEthereumTransaction(bytes, shardId) : decodeTransaction(bytes);
      const pooled = admission.admit(transaction);
      gossip.publishTransaction(transaction);
      return pooled;
    },
    submitStaking(bytes) {
      const pooled = admission.admitStaking(bytes);
      gossip.publishStaking(bytes);
      return pooled;
    },
    status() {
      const status = driver.status();
      const head = application.headInfo(chain.head);
      const leader = head.leaders?.leaderAt({
        height: head.height + 1n,
        viewId: status.viewId,
        head,
      });
      return {
        blsKeys: signer.publicKeys.map(bytesToPlainHex),
        version: VERSION,
        isLeader: leader !== undefined && status.ownSlots.includes(leader),
        startedAtSeconds: options.startedAtSeconds,
        peerId: peer.self,
        peers: peer.peers().length,
        viewId: status.viewId,
        mode: modeName(status.mode),
        phase: phaseName(status.phase),
        finalityMs: options.finalityMs(),
      };
    },
    shards: options.shards,
  };
}
