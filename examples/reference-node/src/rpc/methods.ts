/**
 * The RPC methods that the reference node serves, in the namespaces `hmy`, `hmyv2` and `eth`.
 *
 * Reads arguments, asks the backend, shapes the answer. Methods that upstream has and this node
 * does not are named in `unsupported.ts`.
 *
 * @source harmony/rpc/harmony/blockchain.go, transaction.go, pool.go, contract.go, net.go
 */
import { computeIntrinsicGas, type Header, intrinsicGasRules } from '@polyphony/chain';
import { blockPeriodMs, ethChainIdOfShard, shardingAt } from '@polyphony/networks';
import { bytesToHex, formatOneAddress, isProtocolError } from '@polyphony/primitives';
import type { ChainBlock } from '../chain-store.js';
import { PoolRejection } from '../mempool.js';
import type { AccountsView, NodeBackend } from './backend.js';
import { argumentFault, type RpcMethod, type RpcMethods, serviceFault } from './dispatcher.js';
import type { JsonValue } from './json.js';
import {
  type BlockOptions,
  type BlockTag,
  readAddress,
  readBlockOptions,
  readBlockTag,
  readBlockTagOrHash,
  readBytes,
  readCall,
  readFlag,
  readHash,
} from './parameters.js';
import {
  blockShape,
  headerShape,
  isTypedEnvelope,
  type Namespace,
  quantity,
  receiptShape,
  transactionShape,
} from './shapes.js';

const NAMESPACES: readonly Namespace[] = ['hmy', 'hmyv2', 'eth'];

/** Lowest gas price that the node suggests: 100 gwei. */
const SUGGESTED_GAS_PRICE = 100_000_000_000n;

/** Transactions beyond this many bytes are refused before decoding: 128 KiB and 10 KiB. */
const MAX_RAW_TRANSACTION = 138 * 1024;

type Handler = (params: readonly unknown[]) => JsonValue;

function method(required: number, most: number, call: Handler): RpcMethod {
  return { required, most, call };
}

/** The methods over one node. */
export function createMethods(node: NodeBackend): RpcMethods {
  const { chain, network, shardId } = node;
  const methods = new Map<string, RpcMethod>();

  const header = (): Header => chain.head.block.header;

  function numberOf(tag: BlockTag): bigint {
    return typeof tag === 'bigint' ? tag : header().number;
  }

  /** The block of a tag, or undefined beyond the head. */
  function find(tag: BlockTag | { readonly hash: `0x${string}` }): ChainBlock | undefined {
    return typeof tag === 'object' ? chain.block(tag.hash) : chain.blockAt(numberOf(tag));
  }

  /** Accounts after a block. */
  function accountsAt(block: BlockTag | { readonly hash: `0x${string}` }): AccountsView {
    const found = find(block);
    if (found === undefined) {
      throw serviceFault('requested block number greater than current block number');
    }
    try {
      return node.accountsAt(found.block.header);
    } catch (error) {
      throw serviceFault(`state of block ${found.block.header.number} is not available: ${error}`);
    }
  }

  const accountsOf = (value: unknown, index: number): AccountsView =>
    accountsAt(readBlockTagOrHash(value, index));

  function shape(namespace: Namespace, found: ChainBlock, options: BlockOptions): JsonValue {
    const signerAccounts = options.signers
      ? (node.signersOf(found.block.header.number) ?? [])
      : undefined;
    return blockShape(
      namespace,
      found.hash,
      found.block,
      node.leaderOf(found.block.header),
      { ...options, signerAccounts },
      node.senderOf,
    );
  }

  function blockOptions(namespace: Namespace, value: unknown): BlockOptions {
    if (namespace === 'hmyv2') return readBlockOptions(value, 1);
    return {
      fullTransactions: readFlag(value, 1),
      staking: namespace === 'hmy',
      signers: false,
    };
  }

  function sendRaw(namespace: Namespace, value: unknown): JsonValue {
    const bytes = readBytes(value, 0);
    if (bytes.length >= MAX_RAW_TRANSACTION) {
      throw serviceFault(`encoded tx size: ${bytes.length}: oversized data`);
    }
    if (namespace === 'eth' && isTypedEnvelope(value as string)) {
      throw serviceFault(
        'typed transactions do not exist on this chain: send a legacy transaction',
      );
    }
    try {
      const pooled = node.submit(bytes, namespace === 'eth' ? 'ethereum' : 'harmony');
      return namespace === 'eth' ? pooled.ethereumHash : pooled.hash;
    } catch (error) {
      if (error instanceof PoolRejection || isProtocolError(error))
        throw serviceFault(error.message);
      throw error;
    }
  }

  function sendRawStaking(value: unknown): JsonValue {
    const bytes = readBytes(value, 0);
    if (bytes.length >= MAX_RAW_TRANSACTION) {
      throw serviceFault(`encoded tx size: ${bytes.length}: oversized data`);
    }
    try {
      return node.submitStaking(bytes).hash;
    } catch (error) {
      if (error instanceof PoolRejection || isProtocolError(error))
        throw serviceFault(error.message);
      throw error;
    }
  }

  for (const namespace of NAMESPACES) {
    const q = (value: bigint | number): JsonValue => quantity(namespace, value);
    const define = (name: string, required: number, most: number, call: Handler): void => {
      methods.set(`${namespace}_${name}`, method(required, most, call));
    };

    define('blockNumber', 0, 0, () => q(header().number));
    define('chainId', 0, 0, () =>
      q(namespace === 'eth' ? ethChainIdOfShard(network, shardId) : network.chainId),
    );
    define('protocolVersion', 0, 0, () => q(1));
    define('syncing', 0, 0, () => false);
    define('gasPrice', 0, 0, () => q(SUGGESTED_GAS_PRICE));
    define('accounts', 0, 0, () => []);
    define('getShardID', 0, 0, () => shardId);
    define('getEpoch', 0, 0, () => q(header().epoch));
    define('getLeader', 0, 0, () => formatOneAddress(node.leaderOf(header())));
    define('latestHeader', 0, 0, () =>
      headerShape(chain.head.hash, header(), node.leaderOf(header())),
    );

    define('getHeaderByNumber', 1, 1, ([tag]) => {
      const found = find(readBlockTag(tag, 0));
      if (found === undefined) throw serviceFault('Header is not found');
      return headerShape(found.hash, found.block.header, node.leaderOf(found.block.header));
    });

    define('getBlockByNumber', 1, 2, ([tag, options]) => {
      const found = find(readBlockTag(tag, 0));
      if (found !== undefined) return shape(namespace, found, blockOptions(namespace, options));
      if (namespace === 'eth') return null;
      throw serviceFault('requested block number greater than current block number');
    });

    define('getBlockByHash', 1, 2, ([hash, options]) => {
      const found = chain.block(readHash(hash, 0));
      return found === undefined ? null : shape(namespace, found, blockOptions(namespace, options));
    });

    define('getBlockTransactionCountByNumber', 1, 1, ([tag]) => {
      const found = find(readBlockTag(tag, 0));
      return found === undefined ? null : q(found.block.transactions.length);
    });

    define('getBlockTransactionCountByHash', 1, 1, ([hash]) => {
      const found = chain.block(readHash(hash, 0));
      return found === undefined ? null : q(found.block.transactions.length);
    });

    define('getBlockSigners', 1, 1, ([tag]) => {
      const signers = node.signersOf(numberOf(readBlockTag(tag, 0)));
      return (signers ?? []).map((address) => formatOneAddress(address));
    });

    if (namespace === 'hmyv2') {
      define('getBalance', 1, 1, ([address]) =>
        accountsAt('latest').balanceOf(readAddress(address, 0)),
      );
    } else {
      define('getBalance', 2, 2, ([address, tag]) =>
        q(accountsOf(tag, 1).balanceOf(readAddress(address, 0))),
      );
    }
    define('getBalanceByBlockNumber', 2, 2, ([address, tag]) =>
      q(accountsAt(readBlockTag(tag, 1)).balanceOf(readAddress(address, 0))),
    );

    define('getTransactionCount', 2, 2, ([address, tag]) => {
      const account = readAddress(address, 0);
      return q(tag === 'pending' ? node.nextNonce(account) : accountsOf(tag, 1).nonceOf(account));
    });
    define('getAccountNonce', 2, 2, ([address, tag]) =>
      Number(accountsAt(readBlockTag(tag, 1)).nonceOf(readAddress(address, 0))),
    );

    // Only calls without code can be estimated here: their gas is what their bytes cost.
    methods.set(
      `${namespace}_estimateGas`,
      method(1, 2, ([call, tag]) => {
        const { to, data } = readCall(call, 0);
        const accounts = accountsOf(tag ?? 'latest', 1);
        if (to === undefined || accounts.codeOf(to).length > 0) {
          throw serviceFault('contract code does not run on this node yet');
        }
        const rules = intrinsicGasRules(network, header().epoch);
        return `0x${computeIntrinsicGas({ data, kind: 'call' }, rules).toString(16)}`;
      }),
    );

    define('getCode', 2, 2, ([address, tag]) =>
      bytesToHex(accountsOf(tag, 1).codeOf(readAddress(address, 0))),
    );
    define('getStorageAt', 3, 3, ([address, key, tag]) => {
      const slot = readBytes(key, 1);
      if (slot.length > 32) throw argumentFault(1, 'a storage key has at most 32 bytes');
      const padded = new Uint8Array(32);
      padded.set(slot, 32 - slot.length);
      return bytesToHex(accountsOf(tag, 2).storageOf(readAddress(address, 0), padded));
    });

    define('sendRawTransaction', 1, 1, ([raw]) => sendRaw(namespace, raw));
    if (namespace !== 'eth') {
      define('sendRawStakingTransaction', 1, 1, ([raw]) => sendRawStaking(raw));
    }

    define('getTransactionByHash', 1, 1, ([value]) => {
      const hash = readHash(value, 0);
      const place = chain.place(hash);
      if (place === undefined) {
        const pooled = node.pooled(hash);
        return pooled?.kind !== 'plain'
          ? null
          : transactionShape(namespace, pooled.transaction, pooled.sender, undefined);
      }
      const found = chain.block(place.blockHash)!;
      const transaction = found.block.transactions[place.index]!;
      return transactionShape(namespace, transaction, node.senderOf(transaction), {
        blockHash: found.hash,
        header: found.block.header,
        index: place.index,
      });
    });

    define('getTransactionReceipt', 1, 1, ([value]) => {
      const place = chain.place(readHash(value, 0));
      if (place === undefined) return null;
      const found = chain.block(place.blockHash)!;
      const transaction = found.block.transactions[place.index]!;
      const receipt = chain.receipts(place.blockHash)[place.index]!;
      return receiptShape(namespace, transaction, node.senderOf(transaction), receipt, {
        blockHash: found.hash,
        header: found.block.header,
        index: place.index,
      });
    });

    define('getPoolStats', 0, 0, () => {
      const { executable, queued } = node.poolCounts();
      return { 'executable-count': executable, 'non-executable-count': queued };
    });

    define('getShardingStructure', 0, 0, () =>
      node.shards().map(({ shardId: id, http, ws }) => ({
        current: id === shardId,
        shardID: id,
        http,
        ws,
      })),
    );

    define('getNodeMetadata', 0, 0, () => metadata(node));
  }

  methods.set(
    'net_version',
    method(0, 0, () => ethChainIdOfShard(network, shardId).toString()),
  );
  for (const name of ['netv1_version', 'netv2_version']) {
    methods.set(
      name,
      method(0, 0, () => network.chainId.toString()),
    );
  }
  methods.set(
    'net_peerCount',
    method(0, 0, () => `0x${node.status().peers.toString(16)}`),
  );
  methods.set(
    'net_listening',
    method(0, 0, () => true),
  );
  methods.set(
    'web3_clientVersion',
    method(0, 0, () => node.status().version),
  );
  methods.set(
    'rpc_modules',
    method(0, 0, () =>
      Object.fromEntries(
        ['eth', 'hmy', 'hmyv2', 'net', 'netv1', 'netv2', 'rpc', 'web3'].map((name) => [
          name,
          '1.1',
        ]),
      ),
    ),
  );
  return methods;
}

/** The Go node's metadata object, as far as its facts exist here. */
function metadata(node: NodeBackend): JsonValue {
  const status = node.status();
  const { header } = node.chain.head.block;
  return {
    blskey: status.blsKeys,
    version: status.version,
    network: node.network.name,
    'chain-config': {
      'chain-id': node.network.chainId,
      'eth-compatible-chain-id': ethChainIdOfShard(node.network, node.shardId),
      ...Object.fromEntries(
        Object.entries(node.network.activations)
          .filter((entry): entry is [string, bigint] => entry[1] !== undefined)
          .map(([name, epoch]) => [
            `${name.replace(/[A-Z0-9]+/g, (part) => `-${part.toLowerCase()}`)}-epoch`,
            epoch,
          ]),
      ),
    },
    'is-leader': status.isLeader,
    'shard-id': node.shardId,
    'current-block-number': header.number,
    'current-epoch': header.epoch,
    'shard-count': shardingAt(node.network, header.epoch).shardCount,
    'block-period-ms': blockPeriodMs(node.network, header.epoch),
    role: 'Validator',
    'dns-zone': '',
    'is-archival': true,
    'is-backup': false,
    'node-unix-start-time': status.startedAtSeconds,
    peerid: status.peerId,
    consensus: {
      viewId: status.viewId,
      mode: status.mode,
      phase: status.phase,
      blocknum: header.number + 1n,
      finality: status.finalityMs ?? 0,
    },
    'p2p-connectivity': {
      'total-known-peers': status.peers,
      connected: status.peers,
      'not-connected': 0,
    },
  };
}
