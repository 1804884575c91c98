/** Checks five real mainnet blocks in the browser, with both engines, and shows the answers. */
import { type Bls, harmonyBls } from '@polyphony/bls';
import { createWasmBls } from '@polyphony/bls/wasm';
import { decodeHeader } from '@polyphony/chain';
import { sealingCommittee, verifyHeader } from '@polyphony/light-client';
import { mainnet } from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { hexToBytes } from '@polyphony/primitives';
import { committeeOf, encodeShardState, staticShardState } from '@polyphony/sharding';
import { mainnetHeaders } from '../src/mainnet-headers.js';
import { addRow, finish, nextFrame } from './table.js';

const committees = staticShardState(mainnet, mainnetAccounts, 86n);
const shardState = encodeShardState(committees, 'legacy');
const remembering = { cachedPublicKeys: 250 };
const engines: readonly Bls[] = [await createWasmBls(remembering), harmonyBls(remembering)];

for (const bls of engines) {
  for (const text of mainnetHeaders) {
    const bare = decodeHeader(hexToBytes(text.header));
    const header = text.endsEpoch ? { ...bare, shardState } : bare;
    const seal = { signature: hexToBytes(text.signature), bitmap: hexToBytes(text.bitmap) };
    const committee = sealingCommittee(mainnet, header.epoch, committeeOf(committees, 0));
    const context = { network: mainnet, bls, committee };

    await nextFrame();
    const started = performance.now();
    const valid = verifyHeader({ header, seal }, context);
    const took = performance.now() - started;
    const forged = { ...header, gasUsed: header.gasUsed + 1n };
    const forgedValid = verifyHeader({ header: forged, seal }, context);
    addRow({ header, engine: bls.engine, valid, forgedValid, took });
  }
}
finish();
