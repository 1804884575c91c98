/**
 * What one shard may believe of another: cross-shard receipts, and the beacon's cross-links.
 *
 * Both carry a seal of the other shard's committee, and both are checked from the start every time:
 * nothing is remembered under a part of what was checked. Receipts of any age stay redeemable, so the
 * rules of the source header's epoch apply, with signers counted in every epoch. Not here: crediting,
 * and the store of what was spent.
 *
 * @source harmony/core/block_validator.go: ValidateCXReceiptsProof; core/blockchain_impl.go:
 *   VerifyBlockCrossLinks, VerifyCrossLink
 */
import type { Bls } from '@polyphony/bls';
import {
  assertValidCrossLinks,
  assertValidCrossShardProof,
  type CrossLink,
  type CrossShardProof,
  decodeCrossLinks,
  type Hasher,
  type Header,
  spentKeyPlace,
} from '@polyphony/chain';
import type { Network } from '@polyphony/networks';
import { isProtocolError } from '@polyphony/primitives';
import type { CommitteeLookup } from './committee.js';
import { holds, LightClientError, within } from './errors.js';
import { assertNotRefused, assertSound, BEACON_SHARD_ID, hashOf } from './rules.js';
import { assertBlockSealed, assertSealed, type RuleSet } from './seal.js';

/** What seals of other shards are checked with. */
export interface CrossShardRules {
  readonly network: Network;
  readonly bls: Bls;
  /** Finds the committee of the source's epoch and shard. */
  readonly committeeAt: CommitteeLookup;
  /** Default `strict`. */
  readonly rules?: RuleSet;
  readonly hasher?: Hasher;
}

/** How cross-shard receipts are checked. */
export interface CrossShardReceiptRules extends CrossShardRules {
  /** The destination: the shard that would credit them. */
  readonly shardId: number;
}

/** Where it is noted that the receipts of a source block were credited on a shard. */
export interface SpentPlace {
  readonly shardId: number;
  readonly blockNumber: bigint;
}

const invalidProof = (reason: string) => ({ code: 'light-client/invalid-proof', reason }) as const;

function refuse(reason: string): never {
  throw new LightClientError(invalidProof(reason));
}

/**
 * Checks receipts that came from another shard: they are for this shard, under the root of a sound
 * header of another, bound to its number and shard, and that header is sealed by its committee.
 *
 * @returns Under which shard and number they must be marked as spent: those of the sealed header. The
 *   numbers in the merkle proof are not signed in every epoch and must not be used.
 * @throws {@link LightClientError} `light-client/invalid-proof`; `light-client/refused-block`,
 *   `light-client/invalid-header`, `light-client/invalid-seal`, `light-client/unknown-committee` about
 *   the source header.
 * @throws TypeError when `bls` is of another suite than the network's.
 * @source harmony/core/block_validator.go: ValidateCXReceiptsProof (v2026.1.3)
 * @activation crossTx + 1
 */
export function assertValidCrossShardReceipt(
  proof: CrossShardProof,
  options: CrossShardReceiptRules,
): SpentPlace {
  const { network, bls, committeeAt, shardId, hasher, rules } = options;
  const { header } = proof;
  if (header.shardId === shardId) refuse('the receipts come from the shard they are for');
  const hash = hashOf(header, hasher);
  assertSound(header, hash, network);
  let sealError: unknown;
  const check = {
    network,
    shardId,
    ...(hasher === undefined ? {} : { hasher }),
    verifySeal: (source: Header, signature: Uint8Array, bitmap: Uint8Array): boolean => {
      const committee = committeeAt(source.epoch, source.shardId);
      try {
        if (committee === undefined) {
          const { epoch } = source;
          throw new LightClientError({
            code: 'light-client/unknown-committee',
            epoch,
            shardId: source.shardId,
          });
        }
        assertSealed({ header: source, hash }, { signature, bitmap }, committee, {
          bls,
          ...(rules === undefined ? {} : { rules }),
        });
        return true;
      } catch (error) {
        if (!isProtocolError(error)) throw error;
        sealError = error;
        return false;
      }
    },
  };
  try {
    within(invalidProof, () => assertValidCrossShardProof(proof, check));
  } catch (error) {
    throw sealError ?? error;
  }
  return spentKeyPlace(proof, 'header');
}

/**
 * Whether cross-shard receipts hold: {@link assertValidCrossShardReceipt} as an answer. Whether they
 * were spent already is another question. Never throws on hostile bytes.
 *
 * @example
 * verifyCrossShardReceipt(decodeCrossShardProof(bytes), { network, bls, shardId: 1, committeeAt })
 */
export function verifyCrossShardReceipt(
  proof: CrossShardProof,
  options: CrossShardReceiptRules,
): boolean {
  return holds(() => {
    assertValidCrossShardReceipt(proof, options);
  });
}

/** How a cross-link is checked. */
export interface CrossLinkRules extends CrossShardRules {
  /** Epoch of the beacon block that carries, or would carry, the link. */
  readonly beaconEpoch: bigint;
}

/**
 * Checks one cross-link in full: its hash is not refused, its number is above 1, its epoch has links,
 * and its committee sealed the block it names.
 *
 * @throws {@link LightClientError} `light-client/invalid-proof`, `light-client/refused-block`,
 *   `light-client/invalid-header`, `light-client/invalid-seal`, `light-client/unknown-committee`.
 * @throws TypeError when `bls` is of another suite than the network's.
 * @source harmony/core/blockchain_impl.go: VerifyCrossLink; internal/chain/engine.go: VerifyCrossLink
 * @activation crossLink (epoch of the link); rejectShard0CrossLink (epoch of the beacon block)
 */
export function assertValidCrossLink(link: CrossLink, options: CrossLinkRules): void {
  const { network, beaconEpoch } = options;
  within(invalidProof, () => assertValidCrossLinks([link], network, beaconEpoch));
  assertLinkSealed(link, options);
}

function assertLinkSealed(link: CrossLink, options: CrossShardRules): void {
  const { network, committeeAt } = options;
  const { blockHash: hash, blockNumber: number, viewId, epoch, shardId } = link;
  const block = { hash, number, viewId, epoch, shardId };
  assertNotRefused(network, block);
  const committee = committeeAt(epoch, shardId);
  if (committee === undefined) {
    throw new LightClientError({ code: 'light-client/unknown-committee', epoch, shardId });
  }
  const seal = { signature: link.signature, bitmap: link.bitmap };
  within(invalidProof, () => assertBlockSealed(block, seal, committee, options));
}

/** Whether a cross-link holds: {@link assertValidCrossLink} as an answer. Never throws on hostile bytes. */
export function verifyCrossLink(link: CrossLink, options: CrossLinkRules): boolean {
  return holds(() => assertValidCrossLink(link, options));
}

/**
 * Checks all cross-links of a beacon header and gives them. The header's own seal is not checked here.
 *
 * @throws {@link LightClientError} as {@link assertValidCrossLink}; `light-client/invalid-proof` also
 *   for a header of another shard, bytes that do not decode, and links out of order or repeated.
 * @source harmony/core/blockchain_impl.go: VerifyBlockCrossLinks
 * @activation duplicateCrossLink
 */
export function assertValidHeaderLinks(
  beaconHeader: Header,
  options: CrossShardRules,
): readonly CrossLink[] {
  const links = linksOf(beaconHeader);
  within(invalidProof, () => assertValidCrossLinks(links, options.network, beaconHeader.epoch));
  for (const link of links) assertLinkSealed(link, options);
  return links;
}

function linksOf(beaconHeader: Header): readonly CrossLink[] {
  if (beaconHeader.shardId !== BEACON_SHARD_ID) refuse('only beacon headers carry cross-links');
  return within(invalidProof, () => decodeCrossLinks(beaconHeader.crossLinks));
}

/**
 * Whether a verified beacon header links to a header of another shard, which is thereby final: the
 * beacon's committee checked the link before it signed. Never throws on hostile bytes.
 *
 * @param header - The other shard's header, from any source.
 * @source harmony/core/types/crosslink.go: NewCrossLink
 * @activation crossLink
 * @example verifyLinkedHeader(shardHeader, (await beacon.getVerifiedHeader(number)).header)
 */
export function verifyLinkedHeader(header: Header, beaconHeader: Header, hasher?: Hasher): boolean {
  return holds(() => {
    const hash = hashOf(header, hasher);
    const link = linksOf(beaconHeader).find(({ blockHash }) => blockHash === hash);
    if (
      link === undefined ||
      link.shardId !== header.shardId ||
      link.blockNumber !== header.number ||
      link.viewId !== header.viewId ||
      link.epoch !== header.epoch
    ) {
      refuse('the beacon header has no link to this header');
    }
  });
}
