/**
 * The VRF of a header: that its leader made it from the parent's hash.
 *
 * A sealed header was checked by its committee, so following a chain does not need this; it is for
 * those who use the random value. The value itself is `vrfOutput` of `@polyphony/randomness`.
 *
 * @source harmony/internal/chain/engine.go: VerifyVRF
 */
import type { Bls } from '@polyphony/bls';
import type { Header } from '@polyphony/chain';
import { isActive, type Network } from '@polyphony/networks';
import { hexToBytes } from '@polyphony/primitives';
import { VRF_FIELD_LENGTH, verifyVrf } from '@polyphony/randomness';
import type { SealingCommittee } from './committee.js';
import { holds, LightClientError } from './errors.js';

/** The fields of a header that its VRF depends on. */
export type VrfHeader = Pick<
  Header,
  'number' | 'epoch' | 'shardId' | 'coinbase' | 'parentHash' | 'vrf'
>;

/** How a VRF is checked. */
export interface VrfRules {
  readonly network: Network;
  readonly bls: Bls;
  /** The committee of the header's epoch and shard. */
  readonly committee: SealingCommittee;
}

function refuse(reason: string): never {
  throw new LightClientError({ code: 'light-client/invalid-vrf', reason });
}

/**
 * Checks a header's VRF field: 128 bytes that the leader, whom the coinbase names, made over the
 * parent's hash; nothing before the activation and in genesis.
 *
 * @throws {@link LightClientError} `light-client/invalid-vrf`; `light-client/unknown-committee` when
 *   the committee is that of another epoch or shard.
 * @throws TypeError when `bls` is of another suite than the network's.
 * @source harmony/internal/chain/engine.go: VerifyVRF
 * @activation vrf; staking: the coinbase is a hash of the key, before it the slot's account
 */
export function assertValidVrf(header: VrfHeader, { network, bls, committee }: VrfRules): void {
  const { number, epoch, shardId, vrf } = header;
  if (bls.suite !== committee.suite) {
    throw new TypeError(`bls must be of the ${committee.suite} suite, got ${bls.suite}`);
  }
  if (committee.epoch !== epoch || committee.shardId !== shardId) {
    throw new LightClientError({ code: 'light-client/unknown-committee', epoch, shardId });
  }
  const length = isActive(network, 'vrf', epoch) && number > 0n ? VRF_FIELD_LENGTH : 0;
  if (vrf.length !== length) refuse(`the VRF must be ${length} bytes, got ${vrf.length}`);
  if (length === 0) return;
  const key = committee.leaderKey(header.coinbase);
  if (key === undefined) refuse(`no slot has the coinbase ${header.coinbase}`);
  if (!verifyVrf(bls, key, hexToBytes(header.parentHash), vrf)) {
    refuse('the leader did not make this value over the parent');
  }
}

/** Whether a header's VRF holds: {@link assertValidVrf} as an answer. Never throws on hostile bytes. */
export function verifyHeaderVrf(header: VrfHeader, rules: VrfRules): boolean {
  return holds(() => assertValidVrf(header, rules));
}
