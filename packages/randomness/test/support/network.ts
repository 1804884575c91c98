import type { Bls } from '@polyphony/bls';
import {
  applyBeaconBlock,
  type BeaconContext,
  type BeaconOffer,
  type BeaconParameters,
  type BeaconState,
  composeBeaconField,
  contribute,
  pendingDelay,
} from '../../src/beacon/index.js';
import { evaluateVdf } from '../../src/vdf/index.js';

/** A committee whose keys are known, and the beacon that it runs. */
export interface Committee {
  readonly context: BeaconContext;
  readonly secretKeys: readonly Uint8Array[];
}

/** A beacon of `members` members, with constants for tests unless given. */
export function committee(
  bls: Bls,
  members: number,
  parameters: Partial<BeaconParameters> = {},
): Committee {
  const secretKeys = Array.from({ length: members }, (_, i) => new Uint8Array(32).fill(i + 1));
  return {
    secretKeys,
    context: {
      bls,
      keys: secretKeys.map((key) => bls.getPublicKey(key)),
      parameters: {
        chainId: 6n,
        shardId: 0,
        contributionBlocks: 8,
        resultBlocks: 15,
        iterations: 40,
        discriminantBits: 64,
        ...parameters,
      },
    },
  };
}

/** What an honest leader offers: its contribution, and the delayed value if it has it. */
export function honestOffer(
  state: BeaconState,
  { context, secretKeys }: Committee,
  leader: number,
  finished: boolean,
): BeaconOffer {
  const delay = pendingDelay(state, context.parameters);
  return {
    contributions: [contribute(state, context, leader, secretKeys[leader]!)],
    ...(delay !== undefined && finished ? { result: evaluateVdf(delay) } : {}),
  };
}

/** One block by an honest leader, applied. */
export function honestBlock(
  state: BeaconState,
  network: Committee,
  leader: number,
  finished = true,
): BeaconState {
  const { context } = network;
  const offer = honestOffer(state, network, leader, finished);
  const field = composeBeaconField(state, context, leader, offer);
  return applyBeaconBlock(state, { leader, field }, context);
}
