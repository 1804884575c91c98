/** Records, networks and contexts that the tests of the transitions share. */
import type { CreateValidator, EditValidator, ValidatorDescription } from '@polyphony/chain';
import {
  defineNetwork,
  type Network,
  type NetworkDefinition,
  reference,
  type ShardingEraDefinition,
} from '@polyphony/networks';
import {
  type Address,
  ATTO_PER_ONE,
  addressFromBytes,
  bytesToPlainHex,
  decFromBigInt,
  parseDec,
} from '@polyphony/primitives';
import type { Committee } from '@polyphony/sharding';
import type { RewardContext } from '../src/accumulate-rewards.js';
import { EposError } from '../src/errors.js';
import { createStakingLedger, type LedgerStart, type StakingLedger } from '../src/ledger.js';
import type { RegistrationContext } from '../src/registration.js';
import type { Delegation, StakingView, ValidatorWrapper } from '../src/types.js';

export const ONE: bigint = ATTO_PER_ONE;

/** Rules that the others build on. */
const STAKING_NETWORK = { crossTx: 0n, preStaking: 0n, staking: 0n, s3: 0n, aggregatedReward: 0n };

/** A network of 20-block epochs with 10 epochs of grace; beyond the plainest only named rules hold. */
export function networkWith(
  activations: NetworkDefinition['activations'],
  blocksPerEpoch = 20n,
  minCommissionPromoPeriod = 10n,
  change: Partial<NetworkDefinition> = {},
): Network {
  return defineNetwork({
    ...reference,
    name: 'test',
    consensusVersion: 1,
    economy: undefined,
    withoutQuirks: false,
    slashBeneficiary: 'coinbase',
    minCommissionPromoPeriod,
    schedule: [{ fromEpoch: 0n, blocksPerEpoch }],
    activations: { ...STAKING_NETWORK, ...activations },
    ...change,
  });
}

/** Two shards in which Harmony has 68 % of the votes. */
export function rewardNetwork(
  activations: NetworkDefinition['activations'],
  change: Partial<ShardingEraDefinition> = {},
): Network {
  const [era] = reference.sharding;
  const harmonyVoteShare = parseDec('0.68');
  const sharding = [{ ...era!, shardCount: 2, harmonyVoteShare, ...change }];
  return networkWith(activations, 20n, 10n, { sharding });
}

/** An address from a small number. */
export function address(number: number): Address {
  const bytes = new Uint8Array(20);
  bytes[0] = number & 255;
  bytes[18] = number >> 8;
  bytes[19] = number & 255;
  return addressFromBytes(bytes);
}

/** A key from its name: `k12`, or Harmony's own. */
export function key(name: string): Uint8Array {
  const bytes = new Uint8Array(48);
  if (name === 'harmony') return bytes.fill(0xaa);
  bytes[0] = Number(name.slice(1)) + 1;
  bytes[47] = 0x14;
  return bytes;
}

export const HARMONY_KEYS: ReadonlySet<string> = new Set([bytesToPlainHex(key('harmony'))]);

/** Proofs of the tests: the first byte says whether it is right. */
export function proof(right = true): Uint8Array {
  return new Uint8Array(96).fill(right ? 1 : 2);
}

export function description(name: string, identity: string): ValidatorDescription {
  return { name, identity, website: '', securityContact: '', details: '' };
}

export const NO_TEXTS: ValidatorDescription = description('', '');

export function share(
  delegator: Address,
  amount: bigint,
  rest: Partial<Delegation> = {},
): Delegation {
  return { delegator, amount, reward: 0n, undelegations: [], ...rest };
}

/** A record with 20,000 ONE of its own; what is given replaces fields. */
export function record(number: number, change: Partial<ValidatorWrapper> = {}): ValidatorWrapper {
  return {
    address: address(number),
    blsPublicKeys: [key(`k${2 * number - 2}`), key(`k${2 * number - 1}`)],
    lastEpochInCommittee: 0n,
    minSelfDelegation: 10_000n * ONE,
    maxTotalDelegation: 100_000n * ONE,
    status: 'active',
    commission: {
      rate: parseDec('0.4'),
      maxRate: parseDec('0.9'),
      maxChangeRate: parseDec('0.4'),
      updateHeight: 90n,
    },
    description: description(`v${number - 1}`, `harmony-one-${number - 1}`),
    creationHeight: 90n,
    delegations: [share(address(number), 20_000n * ONE)],
    counters: { toSign: 0n, signed: 0n },
    blockReward: 0n,
    ...change,
  };
}

export function registration(
  network: Network,
  change: Partial<RegistrationContext> = {},
): RegistrationContext {
  return {
    network,
    epoch: 5n,
    blockNumber: 100n,
    harmonyKeys: HARMONY_KEYS,
    verifyKeyProof: (_key, bytes) => bytes[0] === 1,
    ...change,
  };
}

export function ledgerOf(start: LedgerStart): StakingLedger {
  return createStakingLedger(start);
}

/** A committee from accounts and stakes in ONE; without a stake the slot is Harmony's. */
export function committeeFrom(
  shardId: number,
  seats: readonly (readonly [Address, bigint?])[],
): Committee {
  return {
    shardId,
    slots: seats.map(([account, stake], slot) => {
      const blsPublicKey = new Uint8Array(48).fill(shardId + 1);
      blsPublicKey[0] = slot;
      const effectiveStake = stake === undefined ? undefined : decFromBigInt(stake * ONE);
      return { address: account, blsPublicKey, effectiveStake };
    }),
  };
}

/** Where rewards are paid: the same committees in every epoch. */
export function rewardContext(
  network: Network,
  committees: readonly Committee[],
  change: Partial<RewardContext> = {},
): RewardContext {
  return {
    network,
    epoch: 5n,
    blockNumber: 111n,
    shardStateOf: (epoch) => ({ epoch, committees }),
    ...change,
  };
}

/** A view with some answers replaced. */
export function viewWith(view: StakingView, change: Partial<StakingView>): StakingView {
  return { ...view, ...change };
}

export function createMessage(
  validatorAddress: Address,
  change: Partial<CreateValidator> = {},
): CreateValidator {
  return {
    type: 'create-validator',
    validatorAddress,
    description: {
      name: 'SuperHero',
      identity: 'YouWouldNotKnow',
      website: 'Secret Website',
      securityContact: 'LicenseToKill',
      details: 'blah blah blah',
    },
    commissionRates: {
      rate: parseDec('0.1'),
      maxRate: parseDec('0.9'),
      maxChangeRate: parseDec('0.5'),
    },
    minSelfDelegation: 10_000n * ONE,
    maxTotalDelegation: 100_000n * ONE,
    slotPublicKeys: [key('k11')],
    slotKeySignatures: [proof()],
    amount: 20_000n * ONE,
    ...change,
  };
}

export function editMessage(
  validatorAddress: Address,
  change: Partial<EditValidator> = {},
): EditValidator {
  return {
    type: 'edit-validator',
    validatorAddress,
    description: NO_TEXTS,
    commissionRate: undefined,
    minSelfDelegation: undefined,
    maxTotalDelegation: undefined,
    slotKeyToRemove: undefined,
    slotKeyToAdd: undefined,
    slotKeyToAddSignature: undefined,
    eligibility: 0,
    ...change,
  };
}

/** The error that a call throws; anything but an {@link EposError} is thrown on. */
export function refusalOf(run: () => unknown): EposError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof EposError) return error;
    throw error;
  }
}
