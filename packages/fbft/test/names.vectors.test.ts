/** What Go nodes call modes, phases and policies. */
import { loadVectors } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import {
  COUNTING_PHASES,
  modeName,
  NODE_MODES,
  NODE_PHASES,
  phaseName,
  QUORUM_POLICIES,
} from '../src/names.js';

const lists: Readonly<Record<string, readonly string[]>> = {
  mode: NODE_MODES,
  phase: NODE_PHASES,
  counting: COUNTING_PHASES,
  policy: QUORUM_POLICIES,
};
const cases = loadVectors<{ kind: string; number: number }, { name: string }>(
  import.meta.url,
  'names',
  { in: ['kind', 'number'], out: ['name'] },
);

test.each(cases)('$name', ({ in: { kind, number }, out }) => {
  expect(lists[kind]![number]).toBe(out!.name);
});

test('there are no other names', () => {
  const count = Object.values(lists).reduce((sum, list) => sum + list.length, 0);
  expect(cases).toHaveLength(count);
});

test('every mode and phase of the machine has a name', () => {
  expect((['normal', 'view-changing', 'idle', 'listening'] as const).map(modeName)).toEqual(
    NODE_MODES,
  );
  expect((['announce', 'prepare', 'commit', 'deciding'] as const).map(phaseName)).toEqual([
    ...NODE_PHASES,
    'Commit',
  ]);
});
