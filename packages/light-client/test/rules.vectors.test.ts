/** Rules with numbers from the node's code and tests, and real VRFs, lists and links. */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import {
  type CrossLink,
  computeHeaderHash,
  decodeCrossLinks,
  decodeHeader,
  decodeReceipt,
  decodeTransaction,
  emptyHeader,
  encodeReceipt,
  encodeTransaction,
  type Header,
  proveListItem,
} from '@polyphony/chain';
import { commitPayload } from '@polyphony/fbft/seal';
import { localnet, mainnet, type Network, testnet } from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import { type Address, type Hash, hexToBytes } from '@polyphony/primitives';
import { vrfOutput } from '@polyphony/randomness';
import type { Committee, Slot } from '@polyphony/sharding';
import { codeOf, loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertFollows,
  assertNotFuture,
  assertSealed,
  assertValidCrossLink,
  assertValidHeaderLinks,
  assertValidVrf,
  committeeLookup,
  sealingCommittee,
  trustCheckpoint,
  verifyCrossLink,
  verifyHeaderVrf,
  verifyLinkedHeader,
  verifyReceipt,
  verifyReceipts,
  verifyTransaction,
  verifyTransactions,
  viewIdFloorOf,
} from '../src/index.js';
import { assertNotRefused, assertSound } from '../src/rules.js';
import { harmony as bls, committeeOfTest, flipBit, shortNetwork, signTogether } from './support.js';

/** What a vector expects of a check that throws. */
function expectOutcome(run: () => void, error: string | undefined): void {
  expect(codeOf(run)).toBe(error);
}

describe('time of a header', () => {
  const NOW = 1_900_000_000n;
  for (const { name, in: given, error } of loadVectors<
    { parent: number; header: number; active: boolean },
    { valid: true }
  >(import.meta.url, 'header-time', { in: ['parent', 'header', 'active'], out: ['valid'] })) {
    test(name, () => {
      const network: Network = given.active
        ? shortNetwork
        : {
            ...shortNetwork,
            activations: {
              ...shortNetwork.activations,
              bloom: undefined,
              timestampValidation: undefined,
            },
          };
      const before = { ...emptyHeader(3), number: 5n, timestamp: NOW + BigInt(given.parent) };
      const parent = { header: before, hash: computeHeaderHash(before) };
      const header: Header = {
        ...emptyHeader(3),
        parentHash: parent.hash,
        number: 6n,
        viewId: 1n,
        timestamp: NOW + BigInt(given.header),
      };
      const options = { network, nowMs: Number(NOW) * 1000 + 999 };
      expectOutcome(() => {
        assertFollows(header, parent, options);
        assertNotFuture(header, parent, options);
      }, error);
    });
  }
});

describe('view id floor', () => {
  const networks: Record<string, Network> = { mainnet, testnet };
  for (const { name, in: given, out } of loadVectors<
    { network: string; shardId: number; head: string },
    { floor: string }
  >(import.meta.url, 'view-id-floor', { in: ['network', 'shardId', 'head'], out: ['floor'] })) {
    test(name, () => {
      const number = BigInt(given.head) + 1n;
      const { shardId } = given;
      const network = networks[given.network]!;
      const floor = viewIdFloorOf(network, shardId, number);
      expect(floor).toBe(BigInt(out!.floor));
      const block = { hash: `0x${'77'.repeat(32)}` as Hash, shardId, number };
      const least = floor === 0n ? number : floor;
      // The retained height itself is not above a floor, and has one hash only.
      if (!network.viewIdFloors.some((entry) => entry.retainedBlock === number)) {
        assertNotRefused(network, { ...block, viewId: least });
      }
      if (floor > 0n) {
        expect(codeOf(() => assertNotRefused(network, { ...block, viewId: floor - 1n }))).toBe(
          'light-client/invalid-header',
        );
      }
    });
  }
});

describe('refused and retained blocks', () => {
  for (const { name, in: given, error } of loadVectors<
    { hash: Hash; shardId: number; number: string },
    { valid: true }
  >(import.meta.url, 'refused-blocks', { in: ['hash', 'shardId', 'number'], out: ['valid'] })) {
    test(name, () => {
      const { hash, shardId } = given;
      const number = BigInt(given.number);
      expectOutcome(
        () => assertNotRefused(mainnet, { hash, shardId, number, viewId: 2_000_000_000n }),
        error,
      );
      const code = codeOf(() =>
        trustCheckpoint(mainnet, { shardId, blockNumber: number, blockHash: hash }),
      );
      expect(code).toBe(error === undefined ? undefined : 'light-client/invalid-checkpoint');
      if (error === undefined) return;
      // A cross-link to such a block is refused before its committee is looked for.
      const link = {
        ...LINK,
        blockHash: hash,
        blockNumber: number,
        shardId,
        viewId: 2_000_000_000n,
      };
      const rules = { network: mainnet, bls, committeeAt: () => undefined, beaconEpoch: 2000n };
      expect(codeOf(() => assertValidCrossLink(link, rules))).toBe(error);
    });
  }
});

const LINK: CrossLink = {
  blockHash: `0x${'00'.repeat(32)}`,
  blockNumber: 0n,
  viewId: 0n,
  signature: new Uint8Array(96),
  bitmap: new Uint8Array(1),
  shardId: 0,
  epoch: 3002n,
};

describe('quorum of a header before staking', () => {
  for (const { name, in: given, out } of loadVectors<
    { members: number; signers: number },
    { quorum: boolean }
  >(import.meta.url, 'header-quorum', { in: ['members', 'signers'], out: ['quorum'] })) {
    test(name, () => {
      const { members, signers } = given;
      const committee = committeeOfTest(bls, { size: members });
      const header = { ...emptyHeader(1), number: 1_000_000n, epoch: 40n, viewId: 1_000_001n };
      const hash = computeHeaderHash(header);
      const places = Array.from({ length: signers }, (_, i) => members - 1 - i).reverse();
      const payload = commitPayload(header.number, hash, header.viewId, false);
      const keys = places.map((i) => committee.secretKeys[i]!);
      const seal = {
        // Nobody's signature is the point at infinity, which a sum of no keys would verify.
        signature: signers === 0 ? new Uint8Array(96) : signTogether(bls, keys, payload),
        bitmap: bitmapFromIndices(places, members),
      };
      const sealing = sealingCommittee(mainnet, 40n, committee);
      const code = codeOf(() => assertSealed({ header, hash }, seal, sealing, { bls }));
      expect(code).toBe(out!.quorum ? undefined : 'light-client/invalid-seal');
    });
  }
});

/** The slots that Harmony filled in shard 0 at these epochs: 25, every fourth of the list. */
const harmonySlots: readonly Slot[] = Array.from({ length: 25 }, (_, i) => {
  const account = mainnetAccounts.harmonyAccountsAt(885n)[4 * i]!;
  const blsPublicKey = hexToBytes(account.blsPublicKey);
  return { address: account.address, blsPublicKey, effectiveStake: undefined };
});

describe('VRF of real headers', () => {
  interface VrfCase {
    readonly number: string;
    readonly epoch: string;
    readonly coinbase: Address;
    readonly parentHash: Hash;
    readonly publicKey: string;
    readonly vrf: string;
  }
  const cases = loadVectors<VrfCase, { valid: boolean; output?: string }>(
    import.meta.url,
    'mainnet-vrf',
    {
      in: ['number', 'epoch', 'coinbase', 'parentHash', 'publicKey', 'vrf'],
      out: ['valid', 'output'],
    },
  );
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const epoch = BigInt(given.epoch);
      const own: Committee = { shardId: 0, slots: harmonySlots };
      const committee = sealingCommittee(mainnet, epoch, own);
      const header = {
        number: BigInt(given.number),
        epoch,
        shardId: 0,
        coinbase: given.coinbase,
        parentHash: given.parentHash,
        vrf: hexToBytes(given.vrf),
      };
      expect(committee.leaderKey(given.coinbase)).toEqual(hexToBytes(given.publicKey));
      const rules = { network: mainnet, bls, committee };
      expect(verifyHeaderVrf(header, rules)).toBe(out!.valid);
      if (!out!.valid) return;
      expect(vrfOutput(header.vrf)).toEqual(hexToBytes(out!.output!));
      // A bit of the value or the proof, another leader, another length, an epoch without VRF.
      for (const bit of [0, 255, 256, 1023]) {
        expect(verifyHeaderVrf({ ...header, vrf: flipBit(header.vrf, bit) }, rules)).toBe(false);
      }
      const others = [
        { coinbase: `0x${'12'.repeat(20)}` as Address },
        { vrf: header.vrf.slice(0, 127) },
        { vrf: new Uint8Array(0) },
      ];
      for (const change of others) {
        expect(codeOf(() => assertValidVrf({ ...header, ...change }, rules))).toBe(
          'light-client/invalid-vrf',
        );
      }
      const before = sealingCommittee(mainnet, 630n, own);
      expect(
        codeOf(() => assertValidVrf({ ...header, epoch: 630n }, { ...rules, committee: before })),
      ).toBe('light-client/invalid-vrf');
      expect(codeOf(() => assertValidVrf({ ...header, epoch: epoch + 1n }, rules))).toBe(
        'light-client/unknown-committee',
      );
    });
  }
});

describe('a real header of the staking era', () => {
  const cases = loadVectors<
    { header: string; bitmap: string },
    { hash: Hash; payload: string; links: string[] }
  >(import.meta.url, 'mainnet-staking-header', {
    in: ['header', 'bitmap'],
    out: ['hash', 'payload', 'links'],
  });
  for (const { name, in: given, out } of cases) {
    test(name, () => {
      const header = decodeHeader(hexToBytes(given.header));
      const { epoch, number, viewId } = header;
      const hash = computeHeaderHash(header);
      expect(hash).toBe(out!.hash);
      expect(commitPayload(number, hash, viewId, true)).toEqual(hexToBytes(out!.payload));
      // It is sound in itself; its VRF holds by the slot of its leader.
      assertSound(header, hash, mainnet);
      const own: Committee = { shardId: 0, slots: harmonySlots };
      const committee = sealingCommittee(mainnet, epoch, own);
      expect(verifyHeaderVrf(header, { network: mainnet, bls, committee })).toBe(true);
      // Harmony's slots alone are not the committee, and the real signers do not fit them.
      const bitmap = hexToBytes(given.bitmap);
      const signature = header.lastCommitSignature;
      const check = (): void => {
        assertSealed({ header, hash }, { signature, bitmap }, committee, { bls });
      };
      expect(codeOf(check)).toBe('light-client/invalid-seal');
      // Its links are in order; the committees that sealed them are not known.
      const links = decodeCrossLinks(header.crossLinks);
      expect(links.map((link) => `shard ${link.shardId} block ${link.blockNumber}`)).toEqual(
        out!.links,
      );
      const unknown = { network: mainnet, bls, committeeAt: () => undefined };
      expect(codeOf(() => assertValidHeaderLinks(header, unknown))).toBe(
        'light-client/unknown-committee',
      );
      // A header of another shard that is not linked to.
      expect(verifyLinkedHeader({ ...header, shardId: 1 }, header)).toBe(false);
    });
  }
});

describe('lists of real blocks', () => {
  for (const { name, in: given, out } of loadVectors<
    { kind: 'receipts' | 'transactions'; items: string[] },
    { root: Hash }
  >(import.meta.url, 'mainnet-lists', { in: ['kind', 'items'], out: ['root'] })) {
    test(name, () => {
      const items = given.items.map((item) => hexToBytes(item));
      const { root } = out!;
      if (given.kind === 'receipts') {
        const receipts = items.map(decodeReceipt);
        expect(receipts.map(encodeReceipt)).toEqual(items);
        expect(verifyReceipts({ receiptsRoot: root }, receipts)).toBe(true);
        expect(verifyReceipts({ receiptsRoot: root }, receipts.slice(1))).toBe(false);
        receipts.forEach((receipt, index) => {
          const proof = proveListItem(items, index);
          const header = { receiptsRoot: root };
          expect(verifyReceipt(header, index, receipt, proof)).toBe(true);
          expect(verifyReceipt(header, index + 1, receipt, proof)).toBe(false);
          expect(verifyReceipt(header, index, { ...receipt, status: 'failure' }, proof)).toBe(
            false,
          );
          expect(
            verifyReceipt(header, index, { ...receipt, logsBloom: new Uint8Array(1) }, proof),
          ).toBe(false);
        });
      } else {
        const transactions = items.map(decodeTransaction);
        expect(transactions.map(encodeTransaction)).toEqual(items);
        expect(verifyTransactions({ transactionsRoot: root }, transactions)).toBe(true);
        expect(verifyTransactions({ transactionsRoot: root }, [...transactions].reverse())).toBe(
          false,
        );
        transactions.forEach((transaction, index) => {
          const proof = proveListItem(items, index);
          const header = { transactionsRoot: root };
          expect(verifyTransaction(header, index, transaction, proof)).toBe(true);
          expect(verifyTransaction(header, index + 1, transaction, proof)).toBe(false);
          const other = { ...transaction, value: transaction.value + 1n };
          expect(verifyTransaction(header, index, other, proof)).toBe(false);
          for (const bad of [-1, 0.5, Number.NaN, 2 ** 32]) {
            expect(verifyTransaction(header, bad, transaction, proof)).toBe(false);
          }
        });
      }
    });
  }
});

describe('a real cross-link', () => {
  interface LinkCase {
    readonly link: Record<keyof CrossLink, string> & { shardId: number };
    readonly publicKeys: readonly string[];
  }
  for (const { name, in: given, error } of loadVectors<LinkCase, { valid: true }>(
    import.meta.url,
    'cross-link-seal',
    { in: ['link', 'publicKeys'], out: ['valid'] },
  )) {
    test(name, () => {
      const { blockHash, blockNumber, viewId, signature, bitmap, shardId, epoch } = given.link;
      const link: CrossLink = {
        blockHash: blockHash as Hash,
        blockNumber: BigInt(blockNumber),
        viewId: BigInt(viewId),
        signature: hexToBytes(signature),
        bitmap: hexToBytes(bitmap),
        shardId,
        epoch: BigInt(epoch),
      };
      const slots = given.publicKeys.map((key, i) => ({
        address: `0x${String(i).repeat(40)}` as Address,
        blsPublicKey: hexToBytes(key),
        effectiveStake: undefined,
      }));
      const states = new Map([[14n, { epoch: 14n, committees: [{ shardId: 1, slots }] }]]);
      const rules = {
        network: localnet,
        bls,
        committeeAt: committeeLookup(localnet, states),
        beaconEpoch: 15n,
      };
      expectOutcome(() => assertValidCrossLink(link, rules), error);
      expect(verifyCrossLink(link, rules)).toBe(error === undefined);
    });
  }
});
