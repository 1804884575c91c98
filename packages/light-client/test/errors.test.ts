/** Codes and messages are part of the API. */
import { expect, test } from 'vitest';
import { LightClientError, type LightClientErrorDetails } from '../src/index.js';

const hash = `0x${'ab'.repeat(32)}` as const;
const reason = 'why';
const timeout = new LightClientError({ code: 'light-client/timeout', afterMs: 5 });

const messages: readonly (readonly [LightClientErrorDetails, string])[] = [
  [{ code: 'light-client/refused-block', hash }, `block ${hash} is refused on this network`],
  [
    { code: 'light-client/invalid-header', field: 'epoch', expected: '2', actual: '3' },
    'epoch must be 2, got 3',
  ],
  [
    { code: 'light-client/future-header', latest: 5n, actual: 6n },
    'timestamp 6 is later than 5, the latest that the clock allows',
  ],
  [
    { code: 'light-client/invalid-seal', number: 7n, hash, fault: 'no-quorum' },
    `the seal of block 7 (${hash}) does not hold: its signers are not a quorum`,
  ],
  [{ code: 'light-client/invalid-committees', reason }, reason],
  [
    { code: 'light-client/unknown-committee', epoch: 3n, shardId: 1 },
    'the committee of shard 1 in epoch 3 is not known',
  ],
  [{ code: 'light-client/invalid-vrf', reason }, reason],
  [{ code: 'light-client/invalid-proof', reason }, reason],
  [{ code: 'light-client/invalid-checkpoint', reason }, reason],
  [
    { code: 'light-client/invalid-option', option: 'batchSize', reason: 'must be 1' },
    'batchSize must be 1',
  ],
  [{ code: 'light-client/invalid-answer', reason }, reason],
  [{ code: 'light-client/timeout', afterMs: 5 }, 'no answer within 5 ms'],
  [{ code: 'light-client/source-failed', reason }, reason],
  [
    { code: 'light-client/no-source', failures: [{ source: 'a', error: timeout }] },
    'no source gave what was asked: a: no answer within 5 ms',
  ],
  [
    { code: 'light-client/no-source', failures: [] },
    'no source gave what was asked: none was asked',
  ],
  [{ code: 'light-client/not-proven', number: 9n, head: 8n }, 'block 9 is above the proven head 8'],
  [{ code: 'light-client/invalid-store', reason }, reason],
  [{ code: 'light-client/closed' }, 'the light client is closed'],
];

test.each(messages)('%o', (details, message) => {
  const error = new LightClientError(details);
  expect([error.message, error.code, error.name]).toEqual([
    message,
    details.code,
    'LightClientError',
  ]);
  expect(error.details).toBe(details);
});
