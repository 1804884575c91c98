/**
 * A node in memory behind the real HTTP transport: it keeps accounts, takes signed transactions as
 * a pool does, and puts them into blocks when told. Time is a number that tests move.
 */
import {
  chainIdOfV,
  decodeEthereumTransaction,
  decodeTransaction,
  ethereumTransactionHash,
  recoverSigner,
  type SignedTransaction,
  transactionHash,
} from '@polyphony/chain/transaction';
import { ethChainIdOfShard, type Network } from '@polyphony/networks';
import { type Address, formatOneAddress, hexToBytes } from '@polyphony/primitives';
import { formatJson, type JsonInput, type JsonObject, parseJson, RpcError } from '@polyphony/rpc';
import { http, type Transport, type WaitClock } from '@polyphony/rpc/transports';

/** What the node answers with instead of serving a call. */
export type Fault = 'lose request' | 'lose reply' | 'busy' | 'garbage';

class Refusal extends Error {}

export class TestNode {
  readonly pool: { tx: SignedTransaction; from: Address }[] = [];
  readonly mined = new Map<string, { tx: SignedTransaction; from: Address; failed: boolean }>();
  readonly calls: string[] = [];
  readonly balances = new Map<Address, bigint>();
  readonly errorSink: { hash: string; message: string }[] = [];
  /** Faults for calls of a method, used up in order. */
  readonly faults: { method: string; fault: Fault }[] = [];
  /** Pending counts lag behind by this many transactions. */
  lag = 0;
  epoch = 10n;
  servesErrorSink = true;
  /** Called at the start of each served call. */
  onCall: (method: string) => void = () => undefined;

  constructor(
    readonly network: Network,
    readonly shardId: number,
  ) {}

  transport(): Transport {
    return http('http://node.test', {
      retries: 0,
      fetch: async (_, init) => {
        const body = parseJson(String(init.body)) as JsonObject;
        const method = String(body.method);
        this.calls.push(method);
        this.onCall(method);
        const at = this.faults.findIndex((entry) => method.endsWith(entry.method));
        const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0]!.fault;
        if (fault === 'lose request') throw new TypeError('fetch failed');
        if (fault === 'garbage') return new Response('<html>');
        if (fault === 'busy') return new Response('', { status: 503 });
        const reply = this.#reply(body, method);
        if (fault === 'lose reply') throw new TypeError('terminated');
        return new Response(reply);
      },
    });
  }

  #reply(body: JsonObject, method: string): string {
    const id = body.id as bigint;
    try {
      const result = this.#serve(method, body.params as readonly JsonInput[]);
      return formatJson({ jsonrpc: '2.0', id, result });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const code = error.message.startsWith('the method') ? -32601 : -32000;
      return formatJson({ jsonrpc: '2.0', id, error: { code, message: error.message } });
    }
  }

  nonceOf(address: Address): bigint {
    return BigInt([...this.mined.values()].filter(({ from }) => from === address).length);
  }

  pendingOf(address: Address): bigint {
    const waiting = this.pool.filter(({ from }) => from === address).length;
    return this.nonceOf(address) + BigInt(Math.max(0, waiting - this.lag));
  }

  /** Puts what waits into a block. */
  mine(failed = false): void {
    for (const { tx, from } of this.pool.splice(0))
      this.mined.set(transactionHash(tx), { tx, from, failed });
  }

  #submit(bytes: Uint8Array, ethereum: boolean): string {
    const tx = ethereum ? decodeEthereumTransaction(bytes, this.shardId) : decodeTransaction(bytes);
    const chainId = ethereum ? ethChainIdOfShard(this.network, this.shardId) : this.network.chainId;
    if (chainIdOfV(tx.v) !== chainId) throw new Refusal('invalid chain id for signer');
    const from = recoverSigner(tx, { ethereumForm: ethereum });
    if (tx.shardId !== this.shardId) throw new Refusal('invalid shard');
    const hash = ethereum ? ethereumTransactionHash(tx) : transactionHash(tx);
    if (this.pool.some((entry) => transactionHash(entry.tx) === transactionHash(tx)))
      throw new Refusal(`transaction hash ${hash}: known transaction`);
    if (tx.nonce < this.nonceOf(from))
      throw new Refusal(`transaction nonce is ${tx.nonce}: nonce too low`);
    if (this.pool.some((entry) => entry.from === from && entry.tx.nonce === tx.nonce))
      throw new Refusal('replacement transaction underpriced');
    if ((this.balances.get(from) ?? 0n) < tx.value + tx.gasPrice * tx.gasLimit)
      throw new Refusal(
        `current shard-id: ${this.shardId}: insufficient funds for gas * price + value`,
      );
    this.pool.push({ tx, from });
    return hash;
  }

  #receipt(hash: string): JsonInput {
    for (const { tx, from, failed } of this.mined.values()) {
      if (transactionHash(tx) !== hash && ethereumTransactionHash(tx) !== hash) continue;
      return {
        blockHash: `0x${'b0'.repeat(32)}`,
        transactionHash: transactionHash(tx),
        blockNumber: 5n,
        transactionIndex: 0n,
        gasUsed: tx.gasLimit,
        cumulativeGasUsed: tx.gasLimit,
        contractAddress: `0x${'00'.repeat(20)}`,
        logs: [],
        logsBloom: `0x${'00'.repeat(256)}`,
        shardID: this.shardId,
        from: formatOneAddress(from),
        to: tx.to === undefined ? '' : formatOneAddress(tx.to),
        root: '0x',
        status: failed ? 0n : 1n,
        effectiveGasPrice: tx.gasPrice,
      };
    }
    return null;
  }

  #serve(method: string, params: readonly JsonInput[]): JsonInput {
    switch (method) {
      case 'hmyv2_gasPrice':
        return 100_000_000_000n;
      case 'hmyv2_getBalance':
        return this.balances.get(params[0] as Address) ?? 0n;
      case 'hmyv2_getTransactionCount':
        return this.pendingOf(params[0] as Address);
      case 'hmyv2_sendRawTransaction':
        return this.#submit(hexToBytes(params[0] as string), false);
      case 'eth_sendRawTransaction':
        return this.#submit(hexToBytes(params[0] as string), true);
      case 'hmyv2_getTransactionReceipt':
        return this.#receipt(params[0] as string);
      case 'hmyv2_latestHeader':
        return {
          blockHash: `0x${'b0'.repeat(32)}`,
          blockNumber: 5n,
          shardID: this.shardId,
          leader: formatOneAddress(`0x${'01'.repeat(20)}`),
          viewID: 5n,
          epoch: this.epoch,
          timestamp: '',
          unixtime: 0n,
        };
      case 'hmyv2_getCurrentTransactionErrorSink':
        if (!this.servesErrorSink) break;
        return this.errorSink.map(({ hash, message }) => ({
          'tx-hash-id': hash,
          'error-message': message,
        }));
      default:
        break;
    }
    throw new Refusal(`the method ${method} does not exist/is not available`);
  }
}

/** A clock that stands still but for sleeps, which end at once. */
export function testClock(onSleep: (now: number) => void = () => undefined): WaitClock & {
  advance(ms: number): void;
} {
  let now = 1_000;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: async (ms, signal) => {
      if (signal?.aborted) throw new RpcError({ code: 'rpc/aborted' });
      now += ms;
      onSleep(now);
    },
  };
}
