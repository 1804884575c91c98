/** The accounts that testnet and the partner network pay fees and emission to. */
import { parseDec } from '@polyphony/primitives';
import type { FeeCollector, Recovery } from './network.js';

/** @source harmony/internal/configs/sharding/testnet.go: feeCollectorsTestnet */
export const TESTNET_FEE_COLLECTORS: readonly FeeCollector[] = [
  { address: '0xb728aeabf60fd01816ee9e756c18bc01dc91ba5d', share: parseDec('0.5') },
  { address: '0xb41b6b8d9e68fd44cac8342bc2eef4d59531d7d7', share: parseDec('0.5') },
];

/** @source harmony/internal/configs/sharding/testnet.go: hip30CollectionAddressTestnet */
export const TESTNET_RECOVERY: Recovery = {
  address: '0x58db8bece892f343350d125ff22b242784a8ba38',
  share: parseDec('0.25'),
};
