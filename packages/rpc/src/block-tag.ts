/** How a call names a block: by number, or by a word. */
import { formatQuantity } from './decode.js';
import { RpcError } from './errors.js';
import type { JsonInput } from './json.js';

/** A block number, or a word that the node resolves when it answers. */
export type BlockTag = bigint | 'latest' | 'earliest' | 'pending';

function checked(block: BlockTag): BlockTag {
  if (typeof block === 'bigint' && (block < 0n || block > 0x7fffffffffffffffn)) {
    throw new RpcError({
      code: 'rpc/invalid-option',
      reason: `a block number must be an unsigned 63-bit integer, got ${block}`,
    });
  }
  return block;
}

/** For methods that take tags and 0x quantities. */
export function tagParam(block: BlockTag): string {
  const tag = checked(block);
  return typeof tag === 'bigint' ? formatQuantity(tag) : tag;
}

/** For block getters: `hmyv2` takes a bare number, `hmy` a 0x quantity. */
export function blockParam(namespace: 'hmyv2' | 'hmy', block: BlockTag): JsonInput {
  return namespace === 'hmyv2' ? checked(block) : tagParam(block);
}
