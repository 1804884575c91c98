/** Checks five real mainnet blocks without asking any server: `pnpm --filter @polyphony/verify-mainnet start`. */
import { createWasmBls } from '@polyphony/bls/wasm';
import { decodeHeader } from '@polyphony/chain';
import { assertValidHeader, sealingCommittee, verifyHeader } from '@polyphony/light-client';
import { mainnet } from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { hexToBytes } from '@polyphony/primitives';
import { committeeOf, encodeShardState, staticShardState } from '@polyphony/sharding';
import { mainnetHeaders } from './mainnet-headers.js';

// Before staking the committees follow from the lists that the network was started with.
const committees = staticShardState(mainnet, mainnetAccounts, 86n);
const shardState = encodeShardState(committees, 'legacy');
const bls = await createWasmBls({ cachedPublicKeys: 250 });

for (const text of mainnetHeaders) {
  const bare = decodeHeader(hexToBytes(text.header));
  const header = text.endsEpoch ? { ...bare, shardState } : bare;
  const seal = { signature: hexToBytes(text.signature), bitmap: hexToBytes(text.bitmap) };
  const committee = sealingCommittee(mainnet, header.epoch, committeeOf(committees, 0));
  const context = { network: mainnet, bls, committee };

  const started = performance.now();
  const { hash } = assertValidHeader({ header, seal }, context); // throws, and says why, if not
  const took = performance.now() - started;
  console.log(`block ${header.number} is valid: ${hash} (${took.toFixed(1)} ms)`);

  // One changed bit, and it is not.
  const forged = { ...header, gasUsed: header.gasUsed + 1n };
  console.log(`  with another gas used: ${verifyHeader({ header: forged, seal }, context)}`);
}
