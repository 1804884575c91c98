/**
 * Vector files: data with a birth certificate.
 *
 * A file is `{ what, source, made-by, cases }`; a case is `{ name, in, out }` or `{ name, in, error }`
 * where `error` is an error code. Anything else in a file or a case fails the test run, and
 * {@link unreadVectorFiles} names files that no test reads.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One case: input, and either the expected output or the expected error code. */
export interface VectorCase<In, Out> {
  readonly name: string;
  readonly in: In;
  readonly out?: Out;
  readonly error?: string;
  readonly note?: string;
  /** Where this case comes from, when it differs from the file's source. */
  readonly source?: string;
}

/** Fields that a case's `in` and `out` objects may have; other fields fail. Left out: not checked. */
export interface VectorFields {
  readonly in?: readonly string[];
  readonly out?: readonly string[];
}

const FILE_FIELDS = ['what', 'source', 'made-by', 'note', 'cases'];
const CASE_FIELDS = ['name', 'in', 'out', 'error', 'note', 'source'];

function assertFields(value: object, allowed: readonly string[], where: string): void {
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key)) throw new Error(`${where}: unknown field "${key}"`);
  }
}

/** The package folder above a test file. */
export function packageFolder(testUrl: string): string {
  let folder = dirname(fileURLToPath(testUrl));
  while (!readdirSync(folder).includes('package.json')) folder = dirname(folder);
  return folder;
}

/**
 * The cases of `vectors/<name>.json` of the package the calling test belongs to.
 *
 * @param testUrl - `import.meta.url` of the test.
 * @throws when the file lacks its origin, is empty, repeats a case name or has an unknown field.
 */
export function loadVectors<In, Out>(
  testUrl: string,
  name: string,
  fields: VectorFields = {},
): readonly VectorCase<In, Out>[] {
  const path = join(packageFolder(testUrl), 'vectors', `${name}.json`);
  const file = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  assertFields(file, FILE_FIELDS, name);
  for (const field of ['what', 'source', 'made-by']) {
    if (typeof file[field] !== 'string' || file[field] === '')
      throw new Error(`${name}: "${field}" is missing`);
  }
  const cases = file.cases as VectorCase<In, Out>[];
  if (!Array.isArray(cases) || cases.length === 0) throw new Error(`${name}: no cases`);
  const names = new Set<string>();
  for (const entry of cases) {
    const where = `${name}: ${entry.name}`;
    assertFields(entry, CASE_FIELDS, where);
    if (names.has(entry.name)) throw new Error(`${where}: name used twice`);
    names.add(entry.name);
    if ('out' in entry === 'error' in entry)
      throw new Error(`${where}: needs either "out" or "error"`);
    if (fields.in) assertFields(entry.in as object, fields.in, `${where}: in`);
    if (fields.out && entry.out !== undefined)
      assertFields(entry.out as object, fields.out, `${where}: out`);
  }
  return cases;
}

/** Vector files of a package that no test file names in a `loadVectors` call. */
export function unreadVectorFiles(folder: string): string[] {
  if (!existsSync(join(folder, 'vectors'))) return [];
  const sources = readdirSync(join(folder, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, 'test', file), 'utf8'))
    .join('\n');
  return readdirSync(join(folder, 'vectors'))
    .filter((file) => file.endsWith('.json'))
    .filter((file) => !sources.includes(`'${file.slice(0, -'.json'.length)}'`));
}
