/**
 * `pnpm vectors:check [package]`: every vector file has the right form, and where another
 * implementation of its rule exists, every case agrees with it. Our own packages are not used.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blsOracles } from './bls.js';
import { addressParse, addressText, rlpItems, signedTransaction, units } from './ethers.js';
import { formProblems, type VectorCase } from './form.js';
import { keyOracles } from './keys.js';
import type { Oracle } from './oracle.js';

const oracles: Readonly<Record<string, Oracle>> = {
  'primitives/rlp': rlpItems,
  'primitives/address-text': addressText,
  'primitives/address-parse': addressParse,
  'primitives/units': units,
  'chain/transactions': signedTransaction,
  'chain/ethereum-transactions': signedTransaction,
  'chain/staking-transactions': signedTransaction,
  'chain/wallet-transactions': signedTransaction,
  'chain/wallet-staking': signedTransaction,
  ...keyOracles,
  ...(await blsOracles()),
};

const packages = fileURLToPath(new URL('../../../packages', import.meta.url));
const only = process.argv[2];
let files = 0;
let cases = 0;
let compared = 0;
const problems: string[] = [];
const used = new Set<string>();

for (const name of readdirSync(packages)) {
  const folder = join(packages, name, 'vectors');
  if (!existsSync(folder) || (only !== undefined && only !== name)) continue;
  for (const file of readdirSync(folder).filter((path) => path.endsWith('.json'))) {
    const id = `${name}/${file.slice(0, -'.json'.length)}`;
    const content: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const wrong = formProblems(content);
    problems.push(...wrong.map((problem) => `${id}: ${problem}`));
    if (wrong.length > 0) continue;
    const entries = (content as { cases: readonly VectorCase[] }).cases;
    files += 1;
    cases += entries.length;
    const oracle = oracles[id];
    if (oracle === undefined) continue;
    used.add(id);
    for (const entry of entries) {
      const difference = check(oracle, entry);
      if (difference !== null) compared += 1;
      if (typeof difference === 'string')
        problems.push(`${id}: "${entry.name}" (${oracle.against}): ${difference}`);
    }
    if (only !== undefined) console.log(`${id}: ${entries.length} cases against ${oracle.against}`);
  }
}
if (only === undefined)
  for (const id of Object.keys(oracles)) if (!used.has(id)) problems.push(`${id}: no such file`);

function check(oracle: Oracle, entry: VectorCase): string | undefined | null {
  try {
    return oracle.check(entry);
  } catch (error) {
    return `cannot be checked: ${String(error)}`;
  }
}

for (const problem of problems) console.log(problem);
console.log(
  `${files} vector files, ${cases} cases, ${compared} of them compared with another implementation, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
