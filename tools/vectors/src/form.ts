/** The form of a vector file, checked without running any package: origin, cases, names. */

/** One case as data. */
export interface VectorCase {
  readonly name: string;
  readonly in: unknown;
  readonly out?: unknown;
  readonly error?: string;
}

const FILE_FIELDS = ['what', 'source', 'made-by', 'note', 'cases'];
const CASE_FIELDS = ['name', 'in', 'out', 'error', 'note', 'source'];

/** What is wrong with a parsed vector file, a sentence each. */
export function formProblems(file: unknown): readonly string[] {
  if (!isObject(file)) return ['is no object'];
  const problems = Object.keys(file)
    .filter((field) => !FILE_FIELDS.includes(field))
    .map((field) => `has an unknown field "${field}"`);
  for (const field of ['what', 'source', 'made-by']) {
    const text = file[field];
    if (typeof text !== 'string' || text.trim() === '') problems.push(`lacks "${field}"`);
  }
  const cases = file.cases;
  if (!Array.isArray(cases) || cases.length === 0) return [...problems, 'has no cases'];
  const names = new Set<unknown>();
  for (const [index, entry] of cases.entries()) {
    const where =
      isObject(entry) && typeof entry.name === 'string' ? `"${entry.name}"` : `${index}`;
    for (const problem of caseProblems(entry)) problems.push(`case ${where} ${problem}`);
    if (isObject(entry)) {
      if (names.has(entry.name)) problems.push(`case ${where} has the name of another`);
      names.add(entry.name);
    }
  }
  return problems;
}

function caseProblems(entry: unknown): readonly string[] {
  if (!isObject(entry)) return ['is no object'];
  const problems = Object.keys(entry)
    .filter((field) => !CASE_FIELDS.includes(field))
    .map((field) => `has an unknown field "${field}"`);
  if (typeof entry.name !== 'string' || entry.name === '') problems.push('has no name');
  if (!('in' in entry)) problems.push('has no "in"');
  if ('out' in entry === 'error' in entry) problems.push('needs either "out" or "error"');
  if ('error' in entry && !/^[a-z0-9-]+\/[a-z0-9-]+$/.test(String(entry.error)))
    problems.push(`has the error "${entry.error}", which is no code`);
  return problems;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
