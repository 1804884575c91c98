/**
 * Names of the gossip topics.
 *
 * Which messages a topic carries belongs to the node that subscribes.
 */
import { P2pError } from './errors.js';

/** A network, or its name. */
export type NamedNetwork = string | { readonly name: string };

const PREFIXES: Readonly<Record<string, string>> = {
  mainnet: 'harmony',
  testnet: 'hmy/testnet',
  pangaea: 'hmy/pangaea',
  partner: 'hmy/partner',
  stressnet: 'hmy/stressnet',
  devnet: 'hmy/devnet',
  localnet: 'hmy/local',
  misc: 'hmy/misc',
};

const VERSION = '0.0.1';

/**
 * What the topics of a network start with. A network that the Go node does not know gets
 * `polyphony/<name>`; the Go node would put all such networks together into `hmy/misc`, which has the name
 * `misc` here.
 *
 * @throws {@link P2pError} `p2p/invalid-argument` for a name that is not made of lower-case letters,
 * digits and hyphens.
 * @source harmony/internal/configs/node/group.go: getNetworkPrefix
 */
export function topicPrefix(network: NamedNetwork): string {
  const name = typeof network === 'string' ? network : network.name;
  if (typeof name !== 'string') throw new TypeError('a network name must be a string');
  const known = Object.hasOwn(PREFIXES, name) ? PREFIXES[name] : undefined;
  if (known !== undefined) return known;
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw new P2pError({
      code: 'p2p/invalid-argument',
      what: 'network name',
      reason: 'must be 1 to 64 lower-case letters, digits and hyphens',
    });
  }
  return `polyphony/${name}`;
}

function groupTopic(network: NamedNetwork, role: 'node' | 'client', shardId: number): string {
  if (!Number.isInteger(shardId) || shardId < 0 || shardId > 0xffffffff) {
    throw new P2pError({
      code: 'p2p/invalid-argument',
      what: 'shard id',
      reason: `must be an unsigned 32-bit integer, got ${shardId}`,
    });
  }
  const group = shardId === 0 ? 'beacon' : `shard/${shardId}`;
  return `${topicPrefix(network)}/${VERSION}/${role}/${group}`;
}

/**
 * The topic of the nodes of a shard: consensus, transactions, receipts and cross-links.
 *
 * @throws {@link P2pError} `p2p/invalid-argument`.
 * @source harmony/internal/configs/node/group.go: NewGroupIDByShardID
 * @example topicOf('mainnet', 0)  // 'harmony/0.0.1/node/beacon'
 * @example topicOf('testnet', 1)  // 'hmy/testnet/0.0.1/node/shard/1'
 */
export function topicOf(network: NamedNetwork, shardId: number): string {
  return groupTopic(network, 'node', shardId);
}

/**
 * The topic on which new blocks of a shard are announced to nodes of all shards; in use for shard 0.
 *
 * @throws {@link P2pError} `p2p/invalid-argument`.
 * @source harmony/internal/configs/node/group.go: NewClientGroupIDByShardID
 */
export function clientTopicOf(network: NamedNetwork, shardId: number): string {
  return groupTopic(network, 'client', shardId);
}
