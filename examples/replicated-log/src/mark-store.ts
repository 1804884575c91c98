/**
 * The record that stops a restarted member from contradicting itself, as one file.
 *
 * A new record is written beside the old one, forced to disk and renamed over it, and the folder is
 * forced to disk: after a crash at any moment there is the old record or the new one, whole.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SignedMarkStore } from '@polyphony/fbft/driver';

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces a file at once and durably. */
export async function replaceFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const handle = await open(`${path}.new`, 'w', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** A mark store in a file. The driver saves one record at a time. */
export function fileMarkStore(path: string): SignedMarkStore {
  return {
    load: async () => {
      try {
        return Uint8Array.from(await readFile(path));
      } catch (error) {
        // Only "was never written" is nothing; a disk that does not answer is an error.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    save: (mark) => replaceFile(path, mark),
  };
}
