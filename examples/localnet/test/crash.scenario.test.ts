import { expect, test } from 'vitest';
import { killUnderLoad } from './crash.js';
import { removeFolder, temporaryFolder } from './support.js';

test('SIGKILL under load loses nothing that was final', async () => {
  const folder = await temporaryFolder();
  const seed = Number(process.env.SEED ?? 1);
  const report = await killUnderLoad(folder, 1, seed);
  expect(report.checkedBlocks).toBeGreaterThan(0);
  await removeFolder(folder);
}, 120_000);
