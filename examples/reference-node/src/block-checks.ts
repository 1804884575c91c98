/**
 * What a block must be beside what its execution gives: who proposed it, what it says of other
 * shards and members, and whose seals it carries.
 */
import type { Bls } from '@polyphony/bls';
import type { Header, SealFields } from '@polyphony/chain';
import { verifyBlockSeal } from '@polyphony/light-client';
import { isActive, type Network } from '@polyphony/networks';
import { type Hash, hexToBytes, isZeroBytes } from '@polyphony/primitives';
import { verifyVrf } from '@polyphony/randomness';
import type { Beacon } from './beacon.js';
import type { ChainBlock } from './chain-store.js';
import type { Committees } from './committees.js';
import type { Handover } from './handover.js';

/** Why a block may not follow the head. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Refuses a block. */
export function refuse(reason: string): never {
  throw new Refusal(reason);
}

/** What the checks stand on. */
export interface BlockChecksOptions {
  readonly network: Network;
  readonly shardId: number;
  readonly committees: Committees;
  readonly handover: Handover;
  /** On the beacon shard. */
  readonly beacon?: Beacon;
  readonly bls: Bls;
}

/** The checks of one shard's blocks. */
export interface BlockChecks {
  /** Whether a quorum of a block's committee sealed it. */
  sealVerifies(header: Header, hash: Hash, seal: SealFields): boolean;
  /**
   * Everything but execution and the block's own seal.
   *
   * @param slot - Committee position of the proposer.
   * @throws {@link Refusal}
   */
  assertValid(header: Header, parent: ChainBlock, slot: number): void;
}

/** The checks of one shard's blocks. */
export function createBlockChecks(options: BlockChecksOptions): BlockChecks {
  const { network, shardId, committees, handover, beacon, bls } = options;

  function sealVerifies(header: Header, hash: Hash, seal: SealFields): boolean {
    const { number, viewId, epoch } = header;
    const block = { number, hash, viewId, epoch, shardId };
    return verifyBlockSeal({ network, bls }, committees.votingAt(epoch), block, seal);
  }

  /** The parent's seal in a header: zero over genesis, otherwise of the parent's committee. */
  function assertLastCommit(header: Header, parent: ChainBlock): void {
    const { lastCommitSignature: signature, lastCommitBitmap: bitmap } = header;
    if (parent.block.header.number === 0n) {
      if (!isZeroBytes(signature) || bitmap.length > 0) refuse('block 1 has a seal of genesis');
    } else if (!sealVerifies(parent.block.header, parent.hash, { signature, bitmap })) {
      refuse('the seal of the parent does not verify');
    }
  }

  /** Coinbase and VRF must be the proposer's. */
  function assertProposer(header: Header, slot: number): void {
    if (header.coinbase !== committees.coinbaseOf(header.epoch, slot)) {
      refuse(`coinbase ${header.coinbase} is not the proposer's`);
    }
    if (!isActive(network, 'vrf', header.epoch)) {
      if (header.vrf.length > 0) refuse('VRF before its epoch');
      return;
    }
    const key = committees.committeeAt(header.epoch).slots[slot]!.blsPublicKey;
    if (!verifyVrf(bls, key, hexToBytes(header.parentHash), header.vrf)) {
      refuse('the VRF does not verify');
    }
  }

  /** What other shards and other members have a say in: committees, links, evidence. */
  function assertClaims(header: Header, parent: Header, slot: number): void {
    const refusals = [
      handover.refusal(header, parent),
      beacon?.crossLinks.refusal(header),
      beacon?.evidence.refusal(header),
      beacon?.randomness?.refusal(header, slot),
    ];
    for (const refusal of refusals) if (refusal !== undefined) refuse(refusal);
    if (beacon === undefined && header.crossLinks.length + header.slashes.length > 0) {
      refuse('only the beacon shard has cross-links and slash records');
    }
  }

  return {
    sealVerifies,
    assertValid(header, parent, slot) {
      assertProposer(header, slot);
      assertClaims(header, parent.block.header, slot);
      assertLastCommit(header, parent);
    },
  };
}
