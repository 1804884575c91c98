/**
 * Typed data (EIP-712): a value with its types becomes one digest that names the application's
 * domain. The reader is strict: every field of a type must be there, nothing else may be, and each
 * value must fit its type, so that what a user is shown is all that is signed.
 *
 * @source EIP-712
 */

import { type Engine, nobleEngine } from '@polyphony/crypto';
import {
  type Address,
  addressToBytes,
  bigIntToBytes,
  bytesToHex,
  concatBytes,
  hexToBytes,
  isProtocolError,
  joinBytes,
  keccak256,
  parseAddress,
  utf8ToBytes,
} from '@polyphony/primitives';
import { AccountsError } from './errors.js';
import { recoverDigestSigner } from './message.js';

/** One member of a type. */
export interface TypedDataField {
  readonly name: string;
  /** An atomic type, `bytes`, `string`, a type of the same table, or an array of one of these. */
  readonly type: string;
}

/**
 * A value of a field: integers as `bigint`, safe `number` or decimal or 0x text; bytes as
 * `Uint8Array` or 0x text; addresses as `0x…` or `one1…`; lists and objects for arrays and types.
 */
export type TypedDataValue =
  | string
  | bigint
  | number
  | boolean
  | Uint8Array
  | readonly TypedDataValue[]
  | { readonly [name: string]: TypedDataValue };

/** The members of a domain; at least one. */
export interface TypedDataDomain {
  readonly name?: string;
  readonly version?: string;
  readonly chainId?: bigint | number | string;
  readonly verifyingContract?: string;
  readonly salt?: string | Uint8Array;
}

/** What is signed. */
export interface TypedData {
  /** May leave out `EIP712Domain`: it then follows from the members the domain has. */
  readonly types: Readonly<Record<string, readonly TypedDataField[]>>;
  readonly primaryType: string;
  readonly domain: TypedDataDomain;
  readonly message: { readonly [name: string]: TypedDataValue };
}

const DOMAIN = 'EIP712Domain';
const DOMAIN_FIELDS: readonly TypedDataField[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
  { name: 'salt', type: 'bytes32' },
];

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]{0,127}$/;
const ARRAY = /^(.+)\[(\d{0,7})\]$/;
const ATOMIC = /^(?:address|bool|string|bytes|bytes([1-9]\d?)|(u?int)([1-9]\d{0,2}))$/;
/** Deepest nesting of types and arrays in a value. */
const MAX_DEPTH = 32;

type Fields = readonly TypedDataField[];
/** The types of one document, and the hashes of those that occurred: each is made once. */
interface Types {
  readonly fields: ReadonlyMap<string, Fields>;
  readonly hashes: Map<string, Uint8Array>;
}

function fail(path: string, reason: string): never {
  throw new AccountsError({ code: 'accounts/invalid-typed-data', path, reason });
}

/** Whether a type is built in. */
function isAtomic(type: string): boolean {
  const found = ATOMIC.exec(type);
  if (found === null) return false;
  if (found[1] !== undefined) return Number(found[1]) <= 32;
  if (found[3] !== undefined) return Number(found[3]) <= 256 && Number(found[3]) % 8 === 0;
  return true;
}

/** The type at the bottom of an array type. */
function elementType(type: string): string {
  let element = type;
  for (let depth = 0; ; depth++) {
    const array = ARRAY.exec(element);
    if (array === null) return element;
    if (depth >= MAX_DEPTH) fail(type.slice(0, 80), 'arrays are nested too deep');
    element = array[1]!;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Typed data comes as JSON from a stranger: its shape is checked before anything is read. */
function checkShape(data: TypedData): void {
  if (!isObject(data)) fail('typed data', 'must be an object');
  for (const name of ['types', 'domain', 'message'] as const)
    if (!isObject(member(data, name))) fail(name, 'must be an object');
  if (typeof member(data, 'primaryType') !== 'string') fail('primaryType', 'must be text');
  for (const [name, fields] of Object.entries(data.types)) {
    if (!Array.isArray(fields)) fail(`types.${name.slice(0, 80)}`, 'must be an array of fields');
    for (const field of fields as readonly unknown[]) {
      const isField =
        isObject(field) &&
        typeof member(field, 'name') === 'string' &&
        typeof member(field, 'type') === 'string';
      if (!isField) fail(`types.${name.slice(0, 80)}`, 'a field has a name and a type');
    }
  }
}

function checkTypes(data: TypedData): Types {
  checkShape(data);
  const types = new Map<string, Fields>();
  for (const [name, fields] of Object.entries(data.types)) {
    if (!IDENTIFIER.test(name) || isAtomic(name)) fail('types', `${name} cannot name a type`);
    types.set(name, fields);
  }
  if (!types.has(DOMAIN)) {
    const present = DOMAIN_FIELDS.filter(({ name }) => member(data.domain, name) !== undefined);
    if (present.length === 0) fail(DOMAIN, 'the domain is empty');
    types.set(DOMAIN, present);
  }
  for (const [name, fields] of types) {
    const seen = new Set<string>();
    for (const field of fields) {
      const path = `types.${name}`;
      if (!IDENTIFIER.test(field.name)) fail(path, 'a field name is not an identifier');
      if (seen.has(field.name)) fail(path, `field ${field.name} occurs twice`);
      seen.add(field.name);
      const element = elementType(field.type);
      if (!isAtomic(element) && !types.has(element)) fail(path, `type ${element} is unknown`);
    }
  }
  for (const field of types.get(DOMAIN)!) {
    const known = DOMAIN_FIELDS.find(({ name }) => name === field.name);
    if (known?.type !== field.type)
      fail(`types.${DOMAIN}`, `${field.type} ${field.name} is not a member of a domain`);
  }
  return { fields: types, hashes: new Map() };
}

function member(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/** A type's text with the types it refers to, those in the order of their names. */
function encodeType(types: Types, primary: string): string {
  const found = new Set<string>();
  const open = [primary];
  while (open.length > 0) {
    const name = open.pop()!;
    if (found.has(name) || !types.fields.has(name)) continue;
    found.add(name);
    for (const field of types.fields.get(name)!) open.push(elementType(field.type));
  }
  found.delete(primary);
  return [primary, ...[...found].sort()]
    .map((name) => {
      const fields = types.fields.get(name)!.map((field) => `${field.type} ${field.name}`);
      return `${name}(${fields.join(',')})`;
    })
    .join('');
}

function typeHash(types: Types, type: string): Uint8Array {
  const known = types.hashes.get(type);
  if (known !== undefined) return known;
  const hash = keccak256(utf8ToBytes(encodeType(types, type)));
  types.hashes.set(type, hash);
  return hash;
}

function toInteger(value: unknown, path: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) fail(path, 'must be a safe integer, a bigint or text');
    return BigInt(value);
  }
  if (typeof value === 'string' && /^(?:-?\d{1,78}|0x[0-9a-fA-F]{1,64})$/.test(value))
    return BigInt(value);
  return fail(path, 'must be an integer');
}

function encodeInteger(value: unknown, signed: boolean, bits: number, path: string): Uint8Array {
  const integer = toInteger(value, path);
  const range = 1n << BigInt(signed ? bits - 1 : bits);
  if (integer >= range || integer < (signed ? -range : 0n))
    fail(path, `does not fit ${signed ? 'int' : 'uint'}${bits}`);
  return bigIntToBytes(integer < 0n ? integer + (1n << 256n) : integer, 32);
}

function toBytes(value: unknown, path: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string' || !value.startsWith('0x')) fail(path, 'must be bytes or 0x text');
  try {
    return hexToBytes(value);
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    return fail(path, error.message);
  }
}

function encodeAddress(value: unknown, path: string): Uint8Array {
  if (typeof value !== 'string') fail(path, 'must be an address');
  try {
    return concatBytes(new Uint8Array(12), addressToBytes(parseAddress(value)));
  } catch (error) {
    if (!isProtocolError(error)) throw error;
    return fail(path, error.message);
  }
}

/** 32 bytes for an atomic value. */
function encodeAtomic(type: string, value: unknown, path: string): Uint8Array {
  switch (type) {
    case 'address':
      return encodeAddress(value, path);
    case 'bool':
      if (typeof value !== 'boolean') fail(path, 'must be true or false');
      return bigIntToBytes(value ? 1n : 0n, 32);
    case 'string':
      if (typeof value !== 'string') fail(path, 'must be text');
      return keccak256(utf8ToBytes(value));
    case 'bytes':
      return keccak256(toBytes(value, path));
    default: {
      const [, size, integer, bits] = ATOMIC.exec(type)!;
      if (size === undefined) return encodeInteger(value, integer === 'int', Number(bits), path);
      const bytes = toBytes(value, path);
      if (bytes.length !== Number(size)) fail(path, `must be ${size} bytes, got ${bytes.length}`);
      const word = new Uint8Array(32);
      word.set(bytes);
      return word;
    }
  }
}

/** 32 bytes for a value of any type. */
function encodeValue(
  types: Types,
  type: string,
  value: unknown,
  path: string,
  depth: number,
): Uint8Array {
  if (depth > MAX_DEPTH) fail(path, `is nested deeper than ${MAX_DEPTH}`);
  const array = ARRAY.exec(type);
  if (array !== null) {
    if (!Array.isArray(value)) fail(path, 'must be an array');
    const items = value as readonly unknown[];
    if (array[2] !== '' && items.length !== Number(array[2]))
      fail(path, `must have ${array[2]} items, got ${items.length}`);
    return keccak256(
      joinBytes(
        items.map((item, i) => encodeValue(types, array[1]!, item, `${path}[${i}]`, depth + 1)),
      ),
    );
  }
  return types.fields.has(type)
    ? hashStruct(types, type, value, path, depth + 1)
    : encodeAtomic(type, value, path);
}

function hashStruct(
  types: Types,
  type: string,
  value: unknown,
  path: string,
  depth: number,
): Uint8Array {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail(path, `must be an object of type ${type}`);
  const fields = types.fields.get(type)!;
  const names = new Set(fields.map((field) => field.name));
  for (const name of Object.keys(value)) {
    if (!names.has(name) && member(value, name) !== undefined)
      fail(`${path}.${name}`, `is not a field of ${type}`);
  }
  return keccak256(
    joinBytes([
      typeHash(types, type),
      ...fields.map((field) => {
        const at = `${path}.${field.name}`;
        const fieldValue = member(value, field.name);
        if (fieldValue === undefined || fieldValue === null) fail(at, 'is missing');
        return encodeValue(types, field.type, fieldValue, at, depth);
      }),
    ]),
  );
}

/**
 * The 32-byte digest of typed data.
 *
 * @throws {@link AccountsError} `accounts/invalid-typed-data` with the path of what does not fit.
 * @source EIP-712, section "Specification"
 */
export function hashTypedData(data: TypedData): Uint8Array {
  const types = checkTypes(data);
  if (!types.fields.has(data.primaryType))
    fail('primaryType', `type ${data.primaryType} is unknown`);
  const domain = hashStruct(types, DOMAIN, data.domain, 'domain', 0);
  const message =
    data.primaryType === DOMAIN
      ? new Uint8Array(0)
      : hashStruct(types, data.primaryType, data.message, 'message', 0);
  return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), domain, message));
}

function plainValue(types: Types, type: string, value: unknown, path: string): unknown {
  const array = ARRAY.exec(type);
  if (array !== null)
    return (value as readonly unknown[]).map((item, i) =>
      plainValue(types, array[1]!, item, `${path}[${i}]`),
    );
  if (types.fields.has(type)) return plainStruct(types, type, value as object, path);
  if (type === 'address') return parseAddress(value as string);
  if (type === 'bool' || type === 'string') return value;
  if (type.startsWith('bytes')) return bytesToHex(toBytes(value, path));
  return toInteger(value, path).toString();
}

function plainStruct(types: Types, type: string, value: object, path: string): object {
  return Object.fromEntries(
    types.fields
      .get(type)!
      .map(({ name, type: of }) => [
        name,
        plainValue(types, of, member(value, name), `${path}.${name}`),
      ]),
  );
}

/**
 * The JSON text of typed data that wallets take: the domain's type is among the types, integers
 * are decimal text, bytes and addresses 0x text. The domain's chain id is a number where one holds
 * it, since wallets compare it as such.
 *
 * @throws {@link AccountsError} `accounts/invalid-typed-data`.
 * @internal
 */
export function typedDataText(data: TypedData): string {
  hashTypedData(data);
  const types = checkTypes(data);
  const domain = plainStruct(types, DOMAIN, data.domain, 'domain') as { chainId?: unknown };
  const chainId = domain.chainId === undefined ? undefined : Number(domain.chainId);
  return JSON.stringify({
    types: Object.fromEntries(types.fields),
    primaryType: data.primaryType,
    domain: Number.isSafeInteger(chainId) ? { ...domain, chainId } : domain,
    message:
      data.primaryType === DOMAIN
        ? {}
        : plainStruct(types, data.primaryType, data.message, 'message'),
  });
}

/** Whether an account signed typed data; `false` for any signature that is not in order. */
export function verifyTypedData(
  data: TypedData,
  signature: Uint8Array,
  address: Address,
  engine: Engine = nobleEngine,
): boolean {
  const digest = hashTypedData(data);
  try {
    return recoverDigestSigner(digest, signature, engine) === address;
  } catch {
    return false;
  }
}
