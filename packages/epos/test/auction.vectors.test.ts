/** Auctions, medians and whole elections, against vectors. */
import { type GenesisAccounts, localnet, mainnet } from '@polyphony/networks';
import { localnetAccounts } from '@polyphony/networks/genesis/localnet';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import {
  type Address,
  bytesToPlainHex,
  formatDec,
  hexToBytes,
  parseDec,
} from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import { effectiveStake, medianStake, runAuction } from '../src/auction.js';
import { assessSigning, signingWindow } from '../src/availability.js';
import { type Candidate, holdElection } from '../src/election.js';
import type { ValidatorStatus } from '../src/types.js';

const BOUNDS = { true: parseDec('0.35'), false: parseDec('0.15') };
const keysOf = (keys: readonly string[]) => keys.map((key) => hexToBytes(`0x${key}`));

describe('auction', () => {
  interface AuctionIn {
    readonly bound35: boolean;
    readonly slots: number;
    readonly orders: readonly {
      readonly address: Address;
      readonly keys: readonly string[];
      readonly stake: string;
    }[];
  }
  interface AuctionOut {
    readonly median: string;
    readonly winners: readonly {
      readonly address: Address;
      readonly key: string;
      readonly rawStake: string;
      readonly effectiveStake: string;
    }[];
  }
  const vectors = loadVectors<AuctionIn, AuctionOut>(import.meta.url, 'epos-auction', {
    in: ['bound35', 'orders', 'slots'],
    out: ['median', 'winners'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const orders = given.orders.map(({ address, keys, stake }) => ({
        address,
        stake: BigInt(stake),
        blsPublicKeys: keysOf(keys),
      }));
      const bound = BOUNDS[`${given.bound35}`];
      for (const list of [orders, orders.toReversed()]) {
        const { median, winners } = runAuction(list, given.slots, bound);
        expect(formatDec(median)).toBe(out!.median);
        expect(
          winners.map(({ address, blsPublicKey, rawStake, effectiveStake: counted }) => ({
            address,
            key: bytesToPlainHex(blsPublicKey),
            rawStake: formatDec(rawStake),
            effectiveStake: formatDec(counted),
          })),
        ).toEqual(out!.winners);
      }
    });
  }
});

describe('median', () => {
  interface MedianOut {
    readonly median: string;
    readonly effective15?: readonly string[];
    readonly effective35?: readonly string[];
  }
  const vectors = loadVectors<{ rawStakes: readonly string[] }, MedianOut>(
    import.meta.url,
    'epos-median',
    { in: ['rawStakes'], out: ['median', 'effective15', 'effective35'] },
  );
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const stakes = given.rawStakes.map(parseDec);
      const median = medianStake(stakes);
      expect(formatDec(median)).toBe(out!.median);
      const within = (bound: keyof typeof BOUNDS) =>
        stakes.map((stake) => formatDec(effectiveStake(stake, median, BOUNDS[bound])));
      if (out!.effective15 !== undefined) expect(within('false')).toEqual(out!.effective15);
      if (out!.effective35 !== undefined) expect(within('true')).toEqual(out!.effective35);
    });
  }
});

describe('election', () => {
  interface ValidatorJson {
    readonly address: Address;
    readonly epochSigned: number;
    readonly epochToSign: number;
    readonly keys: readonly string[];
    readonly lastEpochInCommittee: number;
    readonly status: string;
    readonly totalDelegation: string;
  }
  interface ElectionIn {
    readonly electedEpoch: number;
    readonly network: 'localnet' | 'mainnet';
    readonly note: string;
    readonly validatorsInCreationOrder: readonly ValidatorJson[];
  }
  interface ElectionOut {
    readonly maxExternalSlots: number;
    readonly median: string;
    readonly shards: readonly {
      readonly shardId: number;
      readonly harmonySlots: number;
      readonly harmonyKeysHead: readonly string[];
      readonly external: readonly {
        readonly address: Address;
        readonly key: string;
        readonly effectiveStake: string;
      }[];
    }[];
  }
  const networks = {
    localnet: { network: localnet, accounts: localnetAccounts as GenesisAccounts },
    mainnet: { network: mainnet, accounts: mainnetAccounts },
  };
  const candidateOf = (given: ValidatorJson): Candidate => ({
    address: given.address,
    status: given.status.split(' ')[0] as ValidatorStatus,
    lastEpochInCommittee: BigInt(given.lastEpochInCommittee),
    blsPublicKeys: keysOf(given.keys),
    stake: BigInt(given.totalDelegation),
    signing: { toSign: BigInt(given.epochToSign), signed: BigInt(given.epochSigned) },
  });
  const vectors = loadVectors<ElectionIn, ElectionOut>(import.meta.url, 'committee', {
    out: ['maxExternalSlots', 'median', 'shards'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const epoch = BigInt(given.electedEpoch);
      const election = holdElection(
        given.validatorsInCreationOrder.map(candidateOf),
        { epoch: epoch - 1n, committees: [] },
        { ...networks[given.network], epoch: epoch - 1n },
      );
      expect(election.epoch).toBe(epoch);
      expect(formatDec(election.median)).toBe(out!.median);
      expect(election.shardState.epoch).toBe(epoch);
      const shown = election.shardState.committees.map(({ shardId, slots }) => {
        const own = slots.filter((slot) => slot.effectiveStake === undefined);
        const external = slots.filter((slot) => slot.effectiveStake !== undefined);
        return {
          shardId,
          harmonySlots: own.length,
          harmonyKeysHead: own.slice(0, 2).map((slot) => bytesToPlainHex(slot.blsPublicKey)),
          external: external.map((slot) => ({
            address: slot.address,
            key: bytesToPlainHex(slot.blsPublicKey),
            effectiveStake: formatDec(slot.effectiveStake),
          })),
        };
      });
      expect(shown).toEqual(out!.shards);
      expect(election.winners.length).toBeLessThanOrEqual(out!.maxExternalSlots);
    });
  }
});

describe('signing', () => {
  interface SigningIn {
    readonly hip32: boolean;
    readonly signed: number;
    readonly snapSigned: number;
    readonly snapToSign: number;
    readonly toSign: number;
  }
  interface SigningOut {
    readonly belowThreshold: boolean;
    readonly epochSigned: string;
    readonly epochToSign: string;
    readonly percentage: string;
  }
  const vectors = loadVectors<SigningIn, SigningOut>(import.meta.url, 'signing-threshold', {
    in: ['hip32', 'signed', 'snapSigned', 'snapToSign', 'toSign'],
  });
  for (const { name, in: given, out } of vectors) {
    test(name, () => {
      const window = signingWindow(
        { toSign: BigInt(given.toSign), signed: BigInt(given.signed) },
        { toSign: BigInt(given.snapToSign), signed: BigInt(given.snapSigned) },
      );
      const { percentage, isBelowThreshold } = assessSigning(window, given.hip32);
      expect({
        belowThreshold: isBelowThreshold,
        epochSigned: String(window.signed),
        epochToSign: String(window.toSign),
        percentage: formatDec(percentage),
      }).toEqual(out);
    });
  }
});
