/**
 * Validator records: their bytes, their sums, and the rules that every written record keeps.
 *
 * The bytes are what a validator's account stores as code; their Keccak-256 is the code hash. Who
 * may change a record, and how, is decided by the transitions.
 *
 * @source harmony/staking/types/validator.go: ValidatorWrapper, SanityCheck; delegation.go
 */
import {
  descriptionLengths,
  descriptionRlp,
  MAX_SLOT_KEYS,
  MIN_SELF_DELEGATION,
  ratesRlp,
  readDescription,
  readRates,
  TEXT_LIMITS,
  type ValidatorDescription,
} from '@polyphony/chain';
import {
  type Address,
  addressFromBytes,
  addressToBytes,
  assertLength,
  bytesToPlainHex,
  DEC_ONE,
  type Dec,
  encodeRlp,
  formatDec,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { inEncoding, refuseEncoding, unsigned as unsignedOf } from './encoding.js';
import { EposError, REFUSAL_TEXTS, type RefusalCode, refuse, refuseWith } from './errors.js';
import type {
  Delegation,
  SigningCounters,
  Undelegation,
  Validator,
  ValidatorStatus,
  ValidatorWrapper,
} from './types.js';

const STATUSES: readonly ValidatorStatus[] = ['nil', 'active', 'inactive', 'banned'];

const KEY_BYTES = 48;

/** Largest integers: epochs and block numbers in bits. */
const NUMBER_BITS = 64;

const WHAT = 'validator wrapper';

function unsigned(value: bigint, bits: number, field: string): bigint {
  return unsignedOf(value, bits, field, WHAT);
}

function undelegationItems(entry: Undelegation): RlpInput {
  return [unsigned(entry.amount, 256, 'amount'), unsigned(entry.epoch, NUMBER_BITS, 'epoch')];
}

function delegationItems(delegation: Delegation): RlpInput {
  return [
    addressToBytes(delegation.delegator),
    unsigned(delegation.amount, 256, 'amount'),
    unsigned(delegation.reward, 256, 'reward'),
    delegation.undelegations.map(undelegationItems),
  ];
}

function validatorItems(validator: Validator): RlpInput {
  return [
    addressToBytes(validator.address),
    validator.blsPublicKeys.map((key) => assertLength(key, KEY_BYTES, 'BLS public key')),
    unsigned(validator.lastEpochInCommittee, NUMBER_BITS, 'lastEpochInCommittee'),
    unsigned(validator.minSelfDelegation, 256, 'minSelfDelegation'),
    unsigned(validator.maxTotalDelegation, 256, 'maxTotalDelegation'),
    STATUSES.indexOf(validator.status),
    [
      ratesRlp(validator.commission),
      unsigned(validator.commission.updateHeight, NUMBER_BITS, 'updateHeight'),
    ],
    descriptionRlp(validator.description),
    unsigned(validator.creationHeight, NUMBER_BITS, 'creationHeight'),
  ];
}

/**
 * The bytes that a validator's account stores.
 *
 * @throws {@link EposError} `epos/invalid-encoding` for a value that has no bytes, a negative rate
 * among them.
 * @source harmony/staking/types/validator.go: ValidatorWrapper (field order)
 */
export function encodeValidatorWrapper(wrapper: ValidatorWrapper): Uint8Array {
  return inEncoding(WHAT, () =>
    encodeRlp([
      validatorItems(wrapper),
      wrapper.delegations.map(delegationItems),
      [
        unsigned(wrapper.counters.toSign, 256, 'toSign'),
        unsigned(wrapper.counters.signed, 256, 'signed'),
      ],
      unsigned(wrapper.blockReward, 256, 'blockReward'),
    ]),
  );
}

function readList<T>(reader: RlpReader, read: (item: RlpReader) => T): T[] {
  const list = reader.readList();
  const items: T[] = [];
  while (!list.done) items.push(read(list));
  return items;
}

function readStruct<T>(reader: RlpReader, what: string, read: (item: RlpReader) => T): T {
  const list = reader.readList();
  const value = read(list);
  list.assertDone(what);
  return value;
}

function readAddress(reader: RlpReader): Address {
  return addressFromBytes(reader.readFixed(20));
}

function readStatus(reader: RlpReader): ValidatorStatus {
  const number = Number(reader.readBigInt(8));
  const status = STATUSES[number];
  if (status !== undefined) return status;
  return refuseEncoding(WHAT, `status ${number} is unknown`);
}

function readDelegation(reader: RlpReader): Delegation {
  return readStruct(reader, 'delegation', (list) => ({
    delegator: readAddress(list),
    amount: list.readBigInt(),
    reward: list.readBigInt(),
    undelegations: readList(list, (item) =>
      readStruct(item, 'undelegation', (entry) => ({
        amount: entry.readBigInt(),
        epoch: entry.readBigInt(NUMBER_BITS),
      })),
    ),
  }));
}

function readValidator(reader: RlpReader): Validator {
  return readStruct(reader, 'validator', (list) => ({
    address: readAddress(list),
    blsPublicKeys: readList(list, (item) => item.readFixed(KEY_BYTES).slice()),
    lastEpochInCommittee: list.readBigInt(NUMBER_BITS),
    minSelfDelegation: list.readBigInt(),
    maxTotalDelegation: list.readBigInt(),
    status: readStatus(list),
    commission: readStruct(list, 'commission', (item) => ({
      ...readRates(item),
      updateHeight: item.readBigInt(NUMBER_BITS),
    })),
    description: readDescription(list),
    creationHeight: list.readBigInt(NUMBER_BITS),
  }));
}

function readCounters(reader: RlpReader): SigningCounters {
  return readStruct(reader, 'counters', (list) => ({
    toSign: list.readBigInt(),
    signed: list.readBigInt(),
  }));
}

/**
 * A record from the bytes that an account stores. Only the canonical bytes are accepted. The rules
 * of {@link assertValidWrapper} are not asked: old records may break them.
 *
 * @throws {@link EposError} `epos/invalid-encoding`.
 */
export function decodeValidatorWrapper(bytes: Uint8Array): ValidatorWrapper {
  return inEncoding(WHAT, () => {
    const list = openRlpList(bytes);
    const wrapper: ValidatorWrapper = {
      ...readValidator(list),
      delegations: readList(list, readDelegation),
      counters: readCounters(list),
      blockReward: list.readBigInt(),
    };
    list.assertDone('validator wrapper');
    return wrapper;
  });
}

/**
 * What is staked with a validator, its own stake included. Rewards and locked tokens do not count.
 *
 * @source harmony/staking/types/validator.go: TotalDelegation
 */
export function totalDelegation(wrapper: ValidatorWrapper): bigint {
  let total = 0n;
  for (const { amount } of wrapper.delegations) total += amount;
  return total;
}

/** Every atto that a record holds for somebody: stakes, uncollected rewards and locked tokens. */
export function totalHoldings(wrapper: ValidatorWrapper): bigint {
  let total = 0n;
  for (const { amount, reward, undelegations } of wrapper.delegations) {
    total += amount + reward;
    for (const entry of undelegations) total += entry.amount;
  }
  return total;
}

const TEXT_CODES: readonly (readonly [keyof ValidatorDescription, RefusalCode])[] = [
  ['name', 'epos/name-too-long'],
  ['identity', 'epos/identity-too-long'],
  ['website', 'epos/website-too-long'],
  ['securityContact', 'epos/security-contact-too-long'],
  ['details', 'epos/details-too-long'],
];

/**
 * Checks the lengths of a description in bytes: 280 for details, 140 for the others.
 *
 * @throws {@link EposError} one code per field, `epos/name-too-long` and so on.
 * @source harmony/staking/types/validator.go: EnsureLength
 */
export function assertDescriptionLengths(description: ValidatorDescription): void {
  const lengths = descriptionLengths(description);
  for (const [field, code] of TEXT_CODES) {
    if (lengths[field] > TEXT_LIMITS[field]) {
      refuseWith(code, `${REFUSAL_TEXTS[code]} ${lengths[field]} ${TEXT_LIMITS[field]}`);
    }
  }
}

function assertRates(rate: Dec, maxRate: Dec, maxChangeRate: Dec): void {
  const named: readonly (readonly [string, Dec])[] = [
    ['rate', rate],
    ['max rate', maxRate],
    ['max change rate', maxChangeRate],
  ];
  for (const [name, value] of named) {
    if (value < 0n || value > DEC_ONE) {
      refuse('epos/rate-out-of-range', `${name}:${formatDec(value)}`);
    }
  }
  if (rate > maxRate) {
    refuse('epos/rate-above-max-rate', `rate:${formatDec(rate)} max rate:${formatDec(maxRate)}`);
  }
  if (maxChangeRate > maxRate) {
    refuse(
      'epos/rate-above-max-rate',
      `rate:${formatDec(rate)} max change rate:${formatDec(maxChangeRate)}`,
    );
  }
}

/**
 * Checks a validator without its delegations, in the node's order: texts, number of keys, the two
 * limits, the rates, repeated keys.
 *
 * @throws {@link EposError} a refusal with the node's text.
 * @source harmony/staking/types/validator.go: Validator.SanityCheck
 */
export function assertValidValidator(validator: Validator): void {
  assertDescriptionLengths(validator.description);
  const { blsPublicKeys, minSelfDelegation, maxTotalDelegation } = validator;
  const keys = blsPublicKeys.length;
  if (keys === 0) refuse('epos/no-slot-key');
  if (keys > MAX_SLOT_KEYS) {
    refuse('epos/too-many-slot-keys', `have: ${keys} allowed: ${MAX_SLOT_KEYS}`);
  }
  if (minSelfDelegation < MIN_SELF_DELEGATION) {
    refuse('epos/min-self-delegation-too-small', `delegation-given ${minSelfDelegation}`);
  }
  if (maxTotalDelegation < minSelfDelegation) {
    refuse(
      'epos/max-total-below-min-self',
      `max-total-delegation ${maxTotalDelegation} min-self-delegation ${minSelfDelegation}`,
    );
  }
  const { rate, maxRate, maxChangeRate } = validator.commission;
  assertRates(rate, maxRate, maxChangeRate);
  if (keys > 1 && new Set(blsPublicKeys.map(bytesToPlainHex)).size !== keys) {
    refuse('epos/duplicate-slot-keys');
  }
}

function selfDelegationMissing(): never {
  return refuse('epos/self-delegation-too-small', 'no self delegation given at all');
}

/**
 * Checks a whole record as every write of the node does: the validator, then the own stake of an
 * active one, then the sum of the stakes.
 *
 * @throws {@link EposError} a refusal with the node's text; `epos/self-delegation-too-small` and
 * `epos/total-delegation-too-large` come last.
 * @source harmony/staking/types/validator.go: ValidatorWrapper.SanityCheck
 */
export function assertValidWrapper(wrapper: ValidatorWrapper): void {
  assertValidValidator(wrapper);
  const own = wrapper.delegations[0];
  if (own === undefined) throw selfDelegationMissing();
  const { status, minSelfDelegation, maxTotalDelegation } = wrapper;
  if (status === 'active' && own.amount < minSelfDelegation) {
    refuse(
      'epos/self-delegation-too-small',
      `min_self_delegation ${minSelfDelegation}, amount ${own.amount}`,
    );
  }
  const total = totalDelegation(wrapper);
  if (total > maxTotalDelegation) {
    refuse('epos/total-delegation-too-large', `total ${total} max-total ${maxTotalDelegation}`);
  }
}

/** Whether every rule of {@link assertValidWrapper} holds. */
export function isValidWrapper(wrapper: ValidatorWrapper): boolean {
  try {
    assertValidWrapper(wrapper);
    return true;
  } catch (error) {
    if (error instanceof EposError) return false;
    throw error;
  }
}
