/** Patterns of public node addresses. Data only: nothing here connects anywhere. */
import type { Endpoint } from './network.js';

/**
 * The public nodes of a zone, one per shard.
 *
 * @source harmony/internal/configs/sharding: GetShardingStructure
 */
export function zoneEndpoints(zone: string, shardCount: number): readonly Endpoint[] {
  return Array.from({ length: shardCount }, (_, shardId) => ({
    http: `https://api.s${shardId}.${zone}`,
    webSocket: `wss://ws.s${shardId}.${zone}`,
  }));
}

/**
 * The nodes of a local network: ports 9500 + 2i and 9800 + 2i of this machine.
 *
 * @source harmony/internal/configs/sharding/localnet.go: GetShardingStructure
 */
export function localEndpoints(shardCount: number): readonly Endpoint[] {
  return Array.from({ length: shardCount }, (_, shardId) => ({
    http: `http://127.0.0.1:${9500 + 2 * shardId}`,
    webSocket: `ws://127.0.0.1:${9800 + 2 * shardId}`,
  }));
}
