import { loadVectors } from '@polyphony/testkit';
import { expect, test } from 'vitest';
import { clientTopicOf, topicOf, topicPrefix } from '../src/topics.js';

const cases = loadVectors<{ network: string; shardId: number }, { node: string; client: string }>(
  import.meta.url,
  'topics',
  { in: ['network', 'shardId'], out: ['node', 'client'] },
);

test.each(cases)('$name', ({ in: { network, shardId }, out, error }) => {
  if (error !== undefined) {
    expect(() => topicOf(network, shardId)).toThrow(expect.objectContaining({ code: error }));
    expect(() => clientTopicOf({ name: network }, shardId)).toThrow(
      expect.objectContaining({ code: error }),
    );
    return;
  }
  expect(topicOf(network, shardId)).toBe(out!.node);
  expect(topicOf({ name: network }, shardId)).toBe(out!.node);
  expect(clientTopicOf(network, shardId)).toBe(out!.client);
  expect(out!.node.startsWith(`${topicPrefix(network)}/`)).toBe(true);
});

test('a network is a name or has one', () => {
  expect(() => topicOf({} as never, 0)).toThrow(TypeError);
});
