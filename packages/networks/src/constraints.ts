/**
 * The order that activation epochs must keep for the rules to make sense together.
 *
 * The table is the node's own start-up check. One relaxation: where the node demands a strict order,
 * two rules that are both in force from epoch 0 are accepted, since then no epoch exists in which
 * only one of them held. A rule that never becomes active is not checked.
 *
 * @source harmony/internal/params/config.go: mustValid
 */
import type { Activation, Activations } from './activations.js';
import { NetworksError } from './errors.js';

/** One demand: the first rule's epoch against the second's. */
export type Order = readonly [
  activation: Activation,
  relation: 'at or after' | 'after',
  other: Activation,
];

/** Each row: the first epoch must come at or after, or strictly after, the second. */
export const ACTIVATION_ORDER: readonly Order[] = [
  ['feeCollect', 'at or after', 'staking'],
  ['staking', 'after', 'preStaking'],
  ['stakingPrecompile', 'at or after', 'preStaking'],
  ['crossShardXferPrecompile', 'after', 'crossTx'],
  ['validatorCodeFix', 'at or after', 'ethCompatible'],
  ['validatorCodeFix', 'at or after', 'preStaking'],
  ['hip30', 'after', 'staking'],
  ['hip30', 'after', 'crossTx'],
  ['hip30', 'at or after', 'minCommissionRate'],
  ['hip30', 'at or after', 'aggregatedReward'],
  ['hip30', 'at or after', 's3'],
  ['maxRate', 'at or after', 'hip30'],
  ['eip2537Precompile', 'at or after', 'hip30'],
  ['slashGroupOrderFix', 'at or after', 'staking'],
  ['slashBallotSignerFix', 'at or after', 'staking'],
  ['verifyBeaconHeaderSlash', 'at or after', 'staking'],
  ['doubleSignSlash', 'at or after', 'staking'],
  ['downtimeSlash', 'at or after', 'staking'],
];

function holds(epoch: bigint, relation: Order[1], other: bigint | undefined): boolean {
  if (other === undefined) return false;
  if (relation === 'at or after') return epoch >= other;
  return epoch > other || (epoch === 0n && other === 0n);
}

/** The rows of {@link ACTIVATION_ORDER} that some activation epochs break. */
export function brokenOrders(activations: Activations): readonly Order[] {
  return ACTIVATION_ORDER.filter(([activation, relation, other]) => {
    const epoch = activations[activation];
    return epoch !== undefined && !holds(epoch, relation, activations[other]);
  });
}

/**
 * Checks the order of activation epochs, each by its own epoch (Bloom does not count here).
 *
 * @throws {@link NetworksError} `networks/activation-order`.
 */
export function assertActivationOrder(network: string, activations: Activations): void {
  // The node also demands an epoch above 0 for aggregated rewards: before staking none exist.
  const early = activations.aggregatedReward === 0n && activations.staking !== 0n;
  const broken: Order | undefined = early
    ? ['aggregatedReward', 'at or after', 'staking']
    : brokenOrders(activations)[0];
  if (broken === undefined) return;
  const [activation, relation, other] = broken;
  throw new NetworksError({
    code: 'networks/activation-order',
    network,
    activation,
    epoch: activations[activation]!,
    relation,
    other,
    otherEpoch: activations[other],
  });
}
