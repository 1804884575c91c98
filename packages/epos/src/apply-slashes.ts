/**
 * Applies the slash records of a beacon header: in which order, from whom, and who is rewarded.
 *
 * Records are taken as proved: see `assertValidSlashes`. A slashed validator is banned for ever.
 *
 * @source harmony/internal/chain/engine.go: applySlashes; staking/slash/double-sign.go: Apply
 */
import type { SlashRecord } from '@polyphony/chain';
import { shardingAt } from '@polyphony/networks';
import { type Address, bytesToPlainHex, type Dec, formatOneAddress } from '@polyphony/primitives';
import { computeRoster, type ShardState } from '@polyphony/sharding';
import { type Changes, changesOf, isRepaired } from './access.js';
import { EposError, REFUSAL_TEXTS, refuse, refuseWith } from './errors.js';
import {
  legacySlashRate,
  type SlashOutcome,
  slashDelegations,
  slashDelegationsLegacy,
} from './slash.js';
import type { StakingContext, StakingView, Transition, ValidatorWrapper } from './types.js';

/** What applying slashes needs besides the view. */
export interface SlashContext extends StakingContext {
  /** The block's coinbase; from staking on it is derived from the leader's key. */
  readonly coinbase: Address;
  /** Who gets the reward; by default what the network says. Until March 2022 it was the reporter. */
  readonly beneficiary?: 'coinbase' | 'reporter';
  /** The rule until December 2022 instead of the one in force; it needs the committees. */
  readonly legacy?: { committeesAt(epoch: bigint): ShardState | undefined };
}

/** The records of one moment. */
type Group = readonly SlashRecord[];

function compareMoments([a]: Group, [b]: Group): number {
  const first = a!.evidence;
  const second = b!.evidence;
  const gaps = [
    BigInt(first.shardId - second.shardId),
    first.height - second.height,
    first.viewId - second.viewId,
    first.epoch - second.epoch,
  ];
  const gap = gaps.find((difference) => difference !== 0n) ?? 0n;
  return gap < 0n ? -1 : 1;
}

/** The node's comparison, which is no order: each of two groups may come before the other. */
function comesBefore([a]: Group, [b]: Group): boolean {
  const first = a!.evidence;
  const second = b!.evidence;
  return (
    first.shardId < second.shardId || first.height < second.height || first.viewId < second.viewId
  );
}

/** Sorts as the node does up to twelve groups; what it does beyond depends on its compiler. */
function insertionSort(groups: Group[]): Group[] {
  for (let i = 1; i < groups.length; i++) {
    for (let j = i; j > 0 && comesBefore(groups[j]!, groups[j - 1]!); j--) {
      [groups[j - 1], groups[j]] = [groups[j]!, groups[j - 1]!];
    }
  }
  return groups;
}

/**
 * The records in the order in which they are applied: by shard, height, view and epoch, records of one
 * moment as they stand.
 *
 * Until `slashGroupOrderFix` the node sorts by something that is no order, starting from an order that
 * differs from run to run (quirk Q7). Here it starts from the order of the header.
 *
 * @activation slashGroupOrderFix
 * @source harmony/internal/chain/engine.go: applySlashes
 */
export function orderSlashes(
  records: readonly SlashRecord[],
  context: StakingContext,
): readonly SlashRecord[] {
  const groups = new Map<string, SlashRecord[]>();
  for (const record of records) {
    const { height, viewId, shardId, epoch } = record.evidence;
    const moment = `${height} ${viewId} ${shardId} ${epoch}`;
    const group = groups.get(moment);
    if (group === undefined) groups.set(moment, [record]);
    else group.push(record);
  }
  const list: Group[] = [...groups.values()];
  const sorted = isRepaired(context, 'slashGroupOrderFix')
    ? list.sort(compareMoments)
    : insertionSort(list);
  return sorted.flat();
}

function currentOf(changes: Changes, offender: Address): ValidatorWrapper {
  try {
    return changes.wrapper(offender);
  } catch (cause) {
    if (!(cause instanceof EposError)) throw cause;
    const code = 'epos/slash-validator-missing';
    throw new EposError({ code, text: ` ${cause.message} : ${REFUSAL_TEXTS[code]}` }, { cause });
  }
}

function snapshotOf(view: StakingView, { evidence }: SlashRecord): ValidatorWrapper {
  const snapshot = view.snapshotOf(evidence.offender, evidence.epoch);
  if (snapshot !== undefined) return snapshot;
  const code = 'epos/slash-no-snapshot';
  return refuseWith(code, `${REFUSAL_TEXTS[code]} ${formatOneAddress(evidence.offender)}`);
}

/** The legacy rate: the power of the offender's keys in the two votes. */
function legacyRateOf({ evidence }: SlashRecord, state: ShardState | undefined, share: Dec) {
  const { epoch, shardId, firstVote, secondVote, offender } = evidence;
  const committee = state?.committees.find((entry) => entry.shardId === shardId);
  if (committee === undefined) {
    return refuse('epos/slash-no-committee', `epoch ${epoch}, given shardID ${shardId}`);
  }
  const second = new Set(secondVote.signerPublicKeys.map(bytesToPlainHex));
  const signed = new Set(
    firstVote.signerPublicKeys.map(bytesToPlainHex).filter((k) => second.has(k)),
  );
  const { slots } = computeRoster(committee, share);
  const powers = committee.slots.flatMap(({ address, blsPublicKey }, index) =>
    address === offender && signed.has(bytesToPlainHex(blsPublicKey)) ? [slots[index]!.group] : [],
  );
  return legacySlashRate(powers);
}

function outcomeOf(
  view: StakingView,
  record: SlashRecord,
  current: ValidatorWrapper,
  context: SlashContext,
): SlashOutcome {
  const snapshot = snapshotOf(view, record);
  const { epoch } = record.evidence;
  if (context.legacy !== undefined) {
    const share = shardingAt(context.network, epoch).harmonyVoteShare;
    const rate = legacyRateOf(record, context.legacy.committeesAt(epoch), share);
    return slashDelegationsLegacy(snapshot.delegations, current.delegations, { epoch, rate });
  }
  return slashDelegations(snapshot.delegations, current.delegations, {
    epoch,
    ownStake: isRepaired(context, 'slashExternalStakeDenomFix') ? 'snapshot' : 'current',
    skipsWithoutExternalStake: isRepaired(context, 'strictStateValidation'),
  });
}

/**
 * Applies records: takes what is owed, bans the offenders, and rewards with half of it; the other half
 * is burnt.
 *
 * A second record for one offender is applied again (quirk Q7) until `doubleSignSlash`, and never in
 * strict mode. The reward goes to the block's coinbase, which nobody can spend from on Harmony's
 * networks, or to the reporter where the network says so.
 *
 * @throws {@link EposError} `epos/slash-no-snapshot`, `epos/slash-validator-missing`,
 * `epos/slash-no-external-stake`, `epos/slash-no-committee` (legacy rule), or a rule of every record.
 * @activation slashExternalStakeDenomFix, slashGroupOrderFix, strictStateValidation, doubleSignSlash
 * @source harmony/internal/chain/engine.go: applySlashes; staking/slash/double-sign.go: Apply
 */
export function applySlashes(
  view: StakingView,
  records: readonly SlashRecord[],
  context: SlashContext,
): Transition {
  const changes = changesOf(view, context);
  const once = isRepaired(context, 'doubleSignSlash');
  const beneficiary = context.beneficiary ?? context.network.slashBeneficiary;
  const slashed = new Set<Address>();
  let burned = 0n;
  for (const record of orderSlashes(records, context)) {
    const { offender } = record.evidence;
    if (once && slashed.has(offender)) continue;
    slashed.add(offender);
    const current = currentOf(changes, offender);
    const outcome = outcomeOf(view, record, current, context);
    changes.write({ ...current, delegations: outcome.delegations, status: 'banned' });
    const account = beneficiary === 'coinbase' ? context.coinbase : record.reporter;
    changes.credit(account, outcome.reward);
    burned += outcome.slashed - outcome.reward;
  }
  return changes.done({ burned });
}
