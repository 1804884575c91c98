/** Every decoder of bytes of the package with valid samples: what the hostile-input tests run over. */
import { concatBytes, hexToBytes } from '@polyphony/primitives';
import { type FuzzTarget, loadVectors } from '@polyphony/testkit';
import { P2pError } from '../src/errors.js';
import { decodeFrame, encodeFrame, frameReader } from '../src/frames.js';
import { decodeSyncMessage, encodeSyncMessage } from '../src/sync.js';
import { comparable } from './json.js';

function samplesOf(file: 'frames' | 'sync-messages', field: 'frame' | 'bytes'): Uint8Array[] {
  return loadVectors<unknown, Record<string, `0x${string}`>>(import.meta.url, file)
    .filter(({ out }) => out?.[field] !== undefined)
    .map(({ out }) => hexToBytes(out![field]!));
}

/** The decoders. */
export function decoders(): FuzzTarget[] {
  const frames = samplesOf('frames', 'frame');
  return [
    {
      name: 'frame',
      refusal: P2pError,
      samples: frames,
      run: (bytes) => encodeFrame(decodeFrame(bytes)),
    },
    {
      name: 'stream of frames',
      refusal: P2pError,
      samples: [...frames, concatBytes(...frames), new Uint8Array(0)],
      run: (bytes) => {
        const reader = frameReader();
        const half = bytes.length >> 1;
        const messages = [
          ...reader.push(bytes.subarray(0, half)),
          ...reader.push(bytes.subarray(half)),
        ];
        reader.end();
        return concatBytes(...messages.map((message) => encodeFrame(message)));
      },
      // The reserve of 4 KiB for each message comes on top.
      allocates: true,
    },
    {
      name: 'sync message',
      refusal: P2pError,
      samples: samplesOf('sync-messages', 'bytes'),
      run: (bytes) => {
        // Several forms mean one message; its own form must mean it too, and be stable.
        const message = decodeSyncMessage(bytes);
        const written = encodeSyncMessage(message);
        const again = decodeSyncMessage(written);
        if (JSON.stringify(comparable(again)) !== JSON.stringify(comparable(message))) {
          throw new Error('another message came back');
        }
        return undefined;
      },
    },
  ];
}
