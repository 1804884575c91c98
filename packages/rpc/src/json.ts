/**
 * JSON without loss and without surprise. Integers of any size become `bigint`, numbers with a
 * fraction or an exponent become `number`; nothing is ever rounded to a neighbour. The reader is
 * stricter than `JSON.parse`: one name twice in an object is refused, so are lone surrogates, and
 * length, nesting, number of values and digits are bounded, so that a reply cannot make the
 * reader allocate or compute more than its size warrants. Objects have no prototype: a member
 * named `__proto__` is a member like any other.
 *
 * @source RFC 8259; RFC 7493 section 2 (no duplicate names, no lone surrogates)
 */
import { RpcError } from './errors.js';

/** A JSON object; it has no prototype. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** What a JSON text says: integers are `bigint`, other numbers `number`. */
export type JsonValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly JsonValue[]
  | JsonObject;

/** Bounds of {@link parseJson}. */
export interface JsonLimits {
  /** Longest text in UTF-16 units. Default 33,554,432. */
  readonly maxLength?: number;
  /** Deepest nesting of arrays and objects. Default 64. */
  readonly maxDepth?: number;
  /** Most values (members and items of every level). Default 1,000,000. */
  readonly maxValues?: number;
  /** Most digits of one integer. Default 100; 2^256 has 78. */
  readonly maxDigits?: number;
}

const DEFAULT_LENGTH = 1 << 25;
const DEFAULT_DEPTH = 64;
const DEFAULT_VALUES = 1_000_000;
const DEFAULT_DIGITS = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads one JSON text.
 *
 * @throws {@link RpcError} `rpc/invalid-json` with the offset of the first offending character.
 * @example parseJson('{"amount":10000000000000000000001}')  // { amount: 10000000000000000000001n }
 */
export function parseJson(text: string, limits: JsonLimits = {}): JsonValue {
  const maxLength = limits.maxLength ?? DEFAULT_LENGTH;
  const maxDepth = limits.maxDepth ?? DEFAULT_DEPTH;
  const maxValues = limits.maxValues ?? DEFAULT_VALUES;
  const maxDigits = limits.maxDigits ?? DEFAULT_DIGITS;
  if (typeof text !== 'string') throw new TypeError('JSON text must be a string');
  let at = 0;
  let values = 0;

  function fail(reason: string, offset = at): never {
    throw new RpcError({ code: 'rpc/invalid-json', reason, offset });
  }

  function skipSpace(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  }

  function readWord(word: string): void {
    if (!text.startsWith(word, at)) fail('unexpected character');
    at += word.length;
  }

  function skipDigits(): number {
    const start = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (!(code >= 0x30 && code <= 0x39)) break;
      at++;
    }
    return at - start;
  }

  function readNumber(): bigint | number {
    const start = at;
    if (text[at] === '-') at++;
    const first = at;
    const digits = skipDigits();
    if (digits === 0) fail('a number needs a digit');
    if (digits > 1 && text[first] === '0') fail('a number has a leading zero', first);
    if (digits > maxDigits) fail(`a number has more than ${maxDigits} digits`, first);
    let whole = true;
    if (text[at] === '.') {
      whole = false;
      at++;
      const fraction = skipDigits();
      if (fraction === 0) fail('a fraction needs a digit');
      if (fraction > maxDigits) fail(`a fraction has more than ${maxDigits} digits`, start);
    }
    if (text[at] === 'e' || text[at] === 'E') {
      whole = false;
      at++;
      if (text[at] === '+' || text[at] === '-') at++;
      const exponent = skipDigits();
      if (exponent === 0) fail('an exponent needs a digit');
      if (exponent > 3) fail('an exponent has more than 3 digits', start);
    }
    const literal = text.slice(start, at);
    if (whole) return BigInt(literal);
    const value = Number(literal);
    if (!Number.isFinite(value)) fail('a number is too large', start);
    return value;
  }

  function readEscape(): string {
    const letter = text[at] ?? '';
    if (letter === 'u') {
      const code = readCodeUnit();
      if (code >= 0xdc00 && code <= 0xdfff) fail('a surrogate stands alone');
      if (code < 0xd800 || code > 0xdbff) return String.fromCharCode(code);
      if (text[at] !== '\\' || text[at + 1] !== 'u') fail('a surrogate stands alone');
      at++;
      const low = readCodeUnit();
      if (low < 0xdc00 || low > 0xdfff) fail('a surrogate stands alone');
      return String.fromCharCode(code, low);
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain === undefined) fail('unknown escape');
    at++;
    return plain;
  }

  /** At the `u`; leaves the cursor after the four digits. */
  function readCodeUnit(): number {
    const digits = text.slice(at + 1, at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail('\\u needs four hexadecimal digits');
    at += 5;
    return Number.parseInt(digits, 16);
  }

  function readString(): string {
    const opening = at;
    at++;
    let value = '';
    let run = at;
    for (;;) {
      if (at >= text.length) fail('a string does not end', opening);
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        const last = text.slice(run, at);
        at++;
        return value === '' ? last : value + last;
      }
      if (code < 0x20) fail('a string has a control character');
      if (code === BACKSLASH) {
        value += text.slice(run, at);
        at++;
        value += readEscape();
        run = at;
        continue;
      }
      if (code >= 0xd800 && code <= 0xdfff) {
        const low = text.charCodeAt(at + 1);
        if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) fail('a surrogate stands alone');
        at++;
      }
      at++;
    }
  }

  function readArray(depth: number): readonly JsonValue[] {
    at++;
    const items: JsonValue[] = [];
    skipSpace();
    if (text[at] === ']') {
      at++;
      return items;
    }
    for (;;) {
      items.push(readValue(depth));
      skipSpace();
      const next = text[at];
      if (next !== ',' && next !== ']') fail('expected a comma or the end of the array');
      at++;
      if (next === ']') return items;
    }
  }

  function readObject(depth: number): JsonObject {
    at++;
    const object = Object.create(null) as Record<string, JsonValue>;
    skipSpace();
    if (text[at] === '}') {
      at++;
      return object;
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') fail('expected a member name');
      const nameAt = at;
      const name = readString();
      if (name in object) fail('a member name occurs twice', nameAt);
      skipSpace();
      if (text[at] !== ':') fail('expected a colon');
      at++;
      object[name] = readValue(depth);
      skipSpace();
      const next = text[at];
      if (next !== ',' && next !== '}') fail('expected a comma or the end of the object');
      at++;
      if (next === '}') return object;
    }
  }

  function readValue(depth: number): JsonValue {
    skipSpace();
    if (++values > maxValues) fail(`more than ${maxValues} values`);
    switch (text[at]) {
      case '{':
        if (depth >= maxDepth) fail(`nested deeper than ${maxDepth}`);
        return readObject(depth + 1);
      case '[':
        if (depth >= maxDepth) fail(`nested deeper than ${maxDepth}`);
        return readArray(depth + 1);
      case '"':
        return readString();
      case 't':
        readWord('true');
        return true;
      case 'f':
        readWord('false');
        return false;
      case 'n':
        readWord('null');
        return null;
      case undefined:
        return fail('the text ends early');
      default:
        return readNumber();
    }
  }

  if (text.length > maxLength) fail(`longer than ${maxLength} characters`, maxLength);
  const value = readValue(0);
  skipSpace();
  if (at < text.length) fail('something follows the value');
  return value;
}

/** What {@link formatJson} writes; members that are `undefined` are left out. */
export type JsonInput =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly JsonInput[]
  | { readonly [name: string]: JsonInput | undefined };

/**
 * Writes one JSON text. A `bigint` becomes a bare integer, however large.
 *
 * @throws {@link RpcError} `rpc/invalid-option` for a number that is not finite.
 * @example formatJson({ value: 10n ** 22n })  // '{"value":10000000000000000000000}'
 */
export function formatJson(value: JsonInput): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string')
    return JSON.stringify(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new RpcError({
        code: 'rpc/invalid-option',
        reason: `a JSON number must be finite, got ${value}`,
      });
    }
    return JSON.stringify(value);
  }
  if (isInputList(value)) return `[${value.map(formatJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`cannot write a ${typeof value} as JSON`);
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${formatJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

function isInputList(value: JsonInput): value is readonly JsonInput[] {
  return Array.isArray(value);
}

/** Whether a value is a JSON object (not null, not an array). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
