import { expect, test } from 'vitest';
import { killUnderLoad } from './crash.js';
import { removeFolder, temporaryFolder } from './support.js';

test('ten SIGKILLs under load lose nothing that was final, and every restart works', async () => {
  const folder = await temporaryFolder();
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const report = await killUnderLoad(folder, 10, seed);
  console.log(report);
  expect(report.checkedReceipts).toBeGreaterThan(0);
  await removeFolder(folder);
}, 900_000);
