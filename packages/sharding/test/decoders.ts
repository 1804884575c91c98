/** Every decoder of the package with valid inputs: what the hostile-input tests run over. */
import type { FuzzTarget } from '@polyphony/testkit';
import { ShardingError } from '../src/errors.js';
import { decodeShardState, encodeShardState, shardStateForm } from '../src/shard-state.js';
import { committee } from './samples.js';

/** All decoders. */
export function decoders(): readonly FuzzTarget[] {
  const stakes = [10n ** 18n, 5n, 0n];
  const states = [
    { epoch: undefined, committees: [committee(3), committee(2, { shardId: 1 })] },
    { epoch: 186n, committees: [committee(2, { stakes }), committee(1, { stakes, shardId: 3 })] },
    { epoch: 0n, committees: [] },
  ];
  return [
    {
      name: 'shard state, both forms',
      samples: states.map((state) => encodeShardState(state, shardStateForm(state))),
      refusal: ShardingError,
      run: (bytes) => {
        const state = decodeShardState(bytes);
        return encodeShardState(state, shardStateForm(state));
      },
    },
  ];
}
