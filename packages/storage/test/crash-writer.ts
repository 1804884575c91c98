/**
 * A process that writes durable batches until it is killed. Each batch sets the same keys to its own
 * number; a number is printed only after the store confirmed the batch.
 */
import { writeSync } from 'node:fs';
import { openLevelStore } from '../src/level.js';
import type { BatchOperation } from '../src/port.js';

const [path, start, keys] = process.argv.slice(2);
const store = await openLevelStore(path!, { writeBufferBytes: 64 * 1024 });
writeSync(1, 'open\n');
for (let number = Number(start); ; number++) {
  const value = new Uint8Array(256);
  new DataView(value.buffer).setUint32(0, number);
  const batch: BatchOperation[] = [];
  for (let key = 0; key < Number(keys); key++) {
    batch.push({ type: 'put', key: Uint8Array.of(key), value });
  }
  await store.write(batch, { durable: true });
  writeSync(1, `${number}\n`);
}
