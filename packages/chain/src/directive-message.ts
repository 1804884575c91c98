/**
 * Staking messages (directives 0 to 4) and their exact RLP.
 *
 * Bytes only: what a message may say is in `directive.ts`.
 *
 * @source harmony/staking/types/messages.go
 */
import {
  type Address,
  type Dec,
  decRlp,
  encodeRlp,
  openRlpList,
  type RlpInput,
  type RlpReader,
} from '@polyphony/primitives';
import { ChainError, decoding, invalidEncoding } from './errors.js';
import { EMPTY_BYTES, fixedField, hexField, readAddress, uintField } from './fields.js';
import { bytesToText, textToBytes } from './text.js';

/** What a validator says about itself. Bytes that are not UTF-8 survive as lone surrogates. */
export interface ValidatorDescription {
  readonly name: string;
  readonly identity: string;
  readonly website: string;
  readonly securityContact: string;
  readonly details: string;
}

/** Share of the delegators' rewards that a validator keeps; each between 0 and 1. */
export interface CommissionRates {
  readonly rate: Dec;
  readonly maxRate: Dec;
  /** Largest change within one epoch. */
  readonly maxChangeRate: Dec;
}

/** Directive 0: an account becomes a validator. Amounts are atto. */
export interface CreateValidator {
  readonly type: 'create-validator';
  readonly validatorAddress: Address;
  readonly description: ValidatorDescription;
  readonly commissionRates: CommissionRates;
  readonly minSelfDelegation: bigint;
  readonly maxTotalDelegation: bigint;
  /** 48 bytes each. */
  readonly slotPublicKeys: readonly Uint8Array[];
  /** 96 bytes each: proof of possession of the key at the same place. */
  readonly slotKeySignatures: readonly Uint8Array[];
  /** First own delegation. */
  readonly amount: bigint;
}

/** Directive 1: changes a validator. Undefined, zero and empty text mean "keep". */
export interface EditValidator {
  readonly type: 'edit-validator';
  readonly validatorAddress: Address;
  readonly description: ValidatorDescription;
  readonly commissionRate: Dec | undefined;
  /** Zero and undefined have the same bytes; decoding gives undefined. */
  readonly minSelfDelegation: bigint | undefined;
  /** Zero and undefined have the same bytes; decoding gives undefined. */
  readonly maxTotalDelegation: bigint | undefined;
  /** 48 bytes. */
  readonly slotKeyToRemove: Uint8Array | undefined;
  /** 48 bytes. */
  readonly slotKeyToAdd: Uint8Array | undefined;
  /** 96 bytes. */
  readonly slotKeyToAddSignature: Uint8Array | undefined;
  /** One byte: 0 no change, 1 active, 2 inactive; others are decoded and have no effect. */
  readonly eligibility: number;
}

/** Directive 2: stakes tokens with a validator. */
export interface Delegate {
  readonly type: 'delegate';
  readonly delegatorAddress: Address;
  readonly validatorAddress: Address;
  readonly amount: bigint;
}

/** Directive 3: takes tokens back from a validator. */
export interface Undelegate {
  readonly type: 'undelegate';
  readonly delegatorAddress: Address;
  readonly validatorAddress: Address;
  readonly amount: bigint;
}

/** Directive 4: pays out the rewards of all delegations. */
export interface CollectRewards {
  readonly type: 'collect-rewards';
  readonly delegatorAddress: Address;
}

/** A staking message. */
export type Directive = CreateValidator | EditValidator | Delegate | Undelegate | CollectRewards;

const TYPES: readonly Directive['type'][] = [
  'create-validator',
  'edit-validator',
  'delegate',
  'undelegate',
  'collect-rewards',
];

/** Number of a directive in a staking transaction, 0 to 4. */
export function directiveNumber(type: Directive['type']): number {
  const number = TYPES.indexOf(type);
  if (number < 0) throw new TypeError(`unknown directive ${type}`);
  return number;
}

const PUBLIC_KEY_BYTES = 48;
const SIGNATURE_BYTES = 96;

/** A rate needs 60 bits; the node reads any size and refuses large ones by value. */
const DEC_BITS = 320;

/** Texts of a description, in the order of the wire. */
export const DESCRIPTION_FIELDS: readonly (keyof ValidatorDescription)[] = [
  'name',
  'identity',
  'website',
  'securityContact',
  'details',
];

/**
 * A description as RLP, the form that messages and validator records share.
 *
 * @throws {@link ChainError} `chain/out-of-range` for text that stands for no bytes.
 * @source harmony/staking/types/validator.go: Description
 */
export function descriptionRlp(description: ValidatorDescription): RlpInput {
  return DESCRIPTION_FIELDS.map((field) => textToBytes(description[field], field));
}

/**
 * Reads a description.
 *
 * @throws PrimitivesError `primitives/invalid-rlp`.
 * @source harmony/staking/types/validator.go: Description
 */
export function readDescription(reader: RlpReader): ValidatorDescription {
  const list = reader.readList();
  const description: ValidatorDescription = {
    name: bytesToText(list.readBytes()),
    identity: bytesToText(list.readBytes()),
    website: bytesToText(list.readBytes()),
    securityContact: bytesToText(list.readBytes()),
    details: bytesToText(list.readBytes()),
  };
  list.assertDone('description');
  return description;
}

function rateRlp(rate: Dec | undefined, what: string): RlpInput {
  if (rate !== undefined) uintField(rate, DEC_BITS, what);
  return decRlp(rate);
}

function readOptionalRate(reader: RlpReader): Dec | undefined {
  const list = reader.readList();
  if (list.done) return undefined;
  const rate = list.readBigInt(DEC_BITS) as Dec;
  list.assertDone('decimal');
  return rate;
}

function readRate(reader: RlpReader): Dec {
  return readOptionalRate(reader) ?? invalidEncoding('staking message', 'a rate is missing');
}

/** Commission rates as RLP, the form that messages and validator records share. */
export function ratesRlp(rates: CommissionRates): RlpInput {
  return [
    rateRlp(rates.rate, 'rate'),
    rateRlp(rates.maxRate, 'maxRate'),
    rateRlp(rates.maxChangeRate, 'maxChangeRate'),
  ];
}

/**
 * Reads commission rates.
 *
 * @throws {@link ChainError} `chain/invalid-encoding` when one is missing, PrimitivesError
 * `primitives/invalid-rlp`.
 */
export function readRates(reader: RlpReader): CommissionRates {
  const list = reader.readList();
  const rates: CommissionRates = {
    rate: readRate(list),
    maxRate: readRate(list),
    maxChangeRate: readRate(list),
  };
  list.assertDone('commission rates');
  return rates;
}

function readFixedList(reader: RlpReader, length: number): Uint8Array[] {
  const list = reader.readList();
  const items: Uint8Array[] = [];
  while (!list.done) items.push(list.readFixed(length).slice());
  return items;
}

function optionalFixed(value: Uint8Array | undefined, length: number, what: string): Uint8Array {
  return value === undefined ? EMPTY_BYTES : fixedField(value, length, what);
}

function readOptionalFixed(reader: RlpReader, length: number): Uint8Array | undefined {
  const bytes = reader.readBytes();
  if (bytes.length === 0) return undefined;
  if (bytes.length !== length) {
    invalidEncoding('staking message', `expected ${length} bytes or none, got ${bytes.length}`);
  }
  return bytes.slice();
}

function readOptionalAmount(reader: RlpReader): bigint | undefined {
  const amount = reader.readBigInt();
  return amount === 0n ? undefined : amount;
}

/** Items of a message, in order. */
function directiveItems(directive: Directive): RlpInput[] {
  switch (directive.type) {
    case 'create-validator':
      return [
        hexField(directive.validatorAddress, 20, 'validatorAddress'),
        descriptionRlp(directive.description),
        ratesRlp(directive.commissionRates),
        uintField(directive.minSelfDelegation, 256, 'minSelfDelegation'),
        uintField(directive.maxTotalDelegation, 256, 'maxTotalDelegation'),
        directive.slotPublicKeys.map((key) => fixedField(key, PUBLIC_KEY_BYTES, 'slot key')),
        directive.slotKeySignatures.map((item) =>
          fixedField(item, SIGNATURE_BYTES, 'slot key signature'),
        ),
        uintField(directive.amount, 256, 'amount'),
      ];
    case 'edit-validator':
      return [
        hexField(directive.validatorAddress, 20, 'validatorAddress'),
        descriptionRlp(directive.description),
        rateRlp(directive.commissionRate, 'commissionRate'),
        uintField(directive.minSelfDelegation ?? 0n, 256, 'minSelfDelegation'),
        uintField(directive.maxTotalDelegation ?? 0n, 256, 'maxTotalDelegation'),
        optionalFixed(directive.slotKeyToRemove, PUBLIC_KEY_BYTES, 'slotKeyToRemove'),
        optionalFixed(directive.slotKeyToAdd, PUBLIC_KEY_BYTES, 'slotKeyToAdd'),
        optionalFixed(directive.slotKeyToAddSignature, SIGNATURE_BYTES, 'slotKeyToAddSignature'),
        uintField(BigInt(directive.eligibility), 8, 'eligibility'),
      ];
    case 'delegate':
    case 'undelegate':
      return [
        hexField(directive.delegatorAddress, 20, 'delegatorAddress'),
        hexField(directive.validatorAddress, 20, 'validatorAddress'),
        uintField(directive.amount, 256, 'amount'),
      ];
    case 'collect-rewards':
      return [hexField(directive.delegatorAddress, 20, 'delegatorAddress')];
  }
}

/**
 * RLP of a message: the list that a staking transaction embeds, and the data that its intrinsic gas
 * counts. The number of the directive is not part of it.
 *
 * @throws {@link ChainError} `chain/out-of-range` for a wrong length or an integer out of range.
 * @source harmony/staking/types/messages.go
 */
export function encodeDirective(directive: Directive): Uint8Array {
  directiveNumber(directive.type);
  return encodeRlp(directiveItems(directive));
}

function readCreateValidator(list: RlpReader): CreateValidator {
  return {
    type: 'create-validator',
    validatorAddress: readAddress(list),
    description: readDescription(list),
    commissionRates: readRates(list),
    minSelfDelegation: list.readBigInt(),
    maxTotalDelegation: list.readBigInt(),
    slotPublicKeys: readFixedList(list, PUBLIC_KEY_BYTES),
    slotKeySignatures: readFixedList(list, SIGNATURE_BYTES),
    amount: list.readBigInt(),
  };
}

function readEditValidator(list: RlpReader): EditValidator {
  return {
    type: 'edit-validator',
    validatorAddress: readAddress(list),
    description: readDescription(list),
    commissionRate: readOptionalRate(list),
    minSelfDelegation: readOptionalAmount(list),
    maxTotalDelegation: readOptionalAmount(list),
    slotKeyToRemove: readOptionalFixed(list, PUBLIC_KEY_BYTES),
    slotKeyToAdd: readOptionalFixed(list, PUBLIC_KEY_BYTES),
    slotKeyToAddSignature: readOptionalFixed(list, SIGNATURE_BYTES),
    eligibility: Number(list.readBigInt(8)),
  };
}

function readDirective(type: Directive['type'], list: RlpReader): Directive {
  switch (type) {
    case 'create-validator':
      return readCreateValidator(list);
    case 'edit-validator':
      return readEditValidator(list);
    case 'delegate':
    case 'undelegate':
      return {
        type,
        delegatorAddress: readAddress(list),
        validatorAddress: readAddress(list),
        amount: list.readBigInt(),
      };
    case 'collect-rewards':
      return { type, delegatorAddress: readAddress(list) };
  }
}

/**
 * A message from its RLP. All items of a directive are required: the shorter lists of outdated
 * clients are refused.
 *
 * @param number - 0 create, 1 edit, 2 delegate, 3 undelegate, 4 collect rewards.
 * @throws {@link ChainError} `chain/invalid-encoding`, also for any other number ("bad staking kind").
 */
export function decodeDirective(number: number, bytes: Uint8Array): Directive {
  const type = TYPES[number];
  if (type === undefined) return invalidEncoding('staking message', 'bad staking kind');
  return decoding('staking message', () => {
    const list = openRlpList(bytes);
    const directive = readDirective(type, list);
    list.assertDone('staking message');
    return directive;
  });
}

/** The account that must have signed a message. */
export function directiveSigner(directive: Directive): Address {
  return 'delegatorAddress' in directive ? directive.delegatorAddress : directive.validatorAddress;
}
