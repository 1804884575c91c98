/** What the tests of this package share: engines, committees that sign, chains that follow the rules. */
import type { Bls } from '@polyphony/bls';
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { createWasmBls } from '@polyphony/bls/wasm';
import {
  coinbaseOfBlsKey,
  computeHeaderHash,
  decodeHeader,
  EMPTY_ROOT,
  emptyHeader,
  encodeCommitSeal,
  encodeHeader,
  genesisHeader,
  type Header,
  headerVersionAt,
} from '@polyphony/chain';
import { commitPayload, type Seal } from '@polyphony/fbft/seal';
import {
  defineNetwork,
  isActive,
  isLastBlockOfEpoch,
  mainnet,
  type Network,
  reference,
  shardingAt,
} from '@polyphony/networks';
import { mainnetAccounts } from '@polyphony/networks/genesis/mainnet';
import {
  addressFromBytes,
  bytesToBigInt,
  decFromBigInt,
  type Hash,
  hexToBytes,
  keccak256,
} from '@polyphony/primitives';
import { evaluateVrf } from '@polyphony/randomness';
import {
  type Committee,
  committeeOf,
  encodeShardState,
  type ShardState,
  staticShardState,
} from '@polyphony/sharding';
import { loadVectors, type SeededRandom } from '@polyphony/testkit';
import {
  type Clock,
  type SealedHeader,
  type SealedHeaderBytes,
  type SealingCommittee,
  sealingCommittee,
  sealPayload,
} from '../src/index.js';

/** The network's suite and the IETF one, on WebAssembly, with the keys of big committees remembered. */
export const harmony: Bls = await createWasmBls({ cachedPublicKeys: 1024, cachedMessages: 64 });
export const ietf: Bls = await createWasmBls({ suite: 'ietf', cachedPublicKeys: 1024 });

/** Order of the scalars of BLS12-381. */
const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** A secret key from a name, in the byte order of a suite. */
export function secretKeyOf(bls: Bls, ...name: readonly number[]): Uint8Array {
  const scalar = bytesToBigInt(keccak256(Uint8Array.from(name))) % ORDER;
  return scalarBytes(bls, scalar);
}

function scalarBytes(bls: Bls, scalar: bigint): Uint8Array {
  const bytes = hexToBytes(`0x${scalar.toString(16).padStart(64, '0')}`);
  return bls.suite === 'harmony' ? bytes.reverse() : bytes;
}

function scalarOf(bls: Bls, secretKey: Uint8Array): bigint {
  const bytes = bls.suite === 'harmony' ? Uint8Array.from(secretKey).reverse() : secretKey;
  return bytesToBigInt(bytes);
}

/** What signers sign together: the sum of their signatures is the signature of the sum of their keys. */
export function signTogether(
  bls: Bls,
  secretKeys: readonly Uint8Array[],
  message: Uint8Array,
): Uint8Array {
  const sum = secretKeys.reduce((total, key) => total + scalarOf(bls, key), 0n) % ORDER;
  return bls.sign(message, scalarBytes(bls, sum));
}

/** A committee whose secret keys are known. */
export interface TestCommittee extends Committee {
  readonly secretKeys: readonly Uint8Array[];
}

/** A committee from a name; the last `staked` slots have a stake of 100 each. */
export function committeeOfTest(
  bls: Bls,
  { shardId = 0, size = 4, staked = 0, salt = 0 } = {},
): TestCommittee {
  const secretKeys = Array.from({ length: size }, (_, i) =>
    secretKeyOf(bls, shardId, salt, i & 255, i >> 8),
  );
  const slots = secretKeys.map((secretKey, i) => ({
    address: addressFromBytes(keccak256(Uint8Array.of(shardId, salt, i)).subarray(0, 20)),
    blsPublicKey: bls.getPublicKey(secretKey),
    effectiveStake: i < size - staked ? undefined : decFromBigInt(100n),
  }));
  return { shardId, slots, secretKeys };
}

/** The seal of some members of a committee over a block. */
export function sealOf(
  bls: Bls,
  committee: TestCommittee,
  block: { number: bigint; hash: Hash; viewId: bigint },
  {
    signers,
    staking = true,
    payload = commitPayload(block.number, block.hash, block.viewId, staking),
  }: { signers?: readonly number[]; staking?: boolean; payload?: Uint8Array } = {},
): Seal {
  const places = signers ?? committee.slots.map((_, i) => i);
  const secretKeys = places.map((i) => committee.secretKeys[i]!);
  return {
    signature: signTogether(bls, secretKeys, payload),
    bitmap: bitmapFromIndices([...places], committee.slots.length),
  };
}

/** The reference rules with Harmony's suite, two shards and epochs of 8 blocks. */
export const shortNetwork: Network = defineNetwork({
  ...reference,
  name: 'short',
  consensusVersion: 1,
  blsSuite: 'harmony',
  schedule: [{ fromEpoch: 0n, blocksPerEpoch: 8n }],
  sharding: [{ ...reference.sharding[0]!, shardCount: 2, slotLimitShare: 0 }],
});

/** A chain and how it was made. */
export interface TestChain {
  readonly network: Network;
  readonly headers: readonly SealedHeader[];
  readonly bytes: readonly (SealedHeaderBytes & { readonly number: bigint })[];
  readonly committeesAt: (epoch: bigint) => ShardState;
}

/** How {@link makeChain} makes a chain. */
export interface TestChainOptions {
  readonly bls?: Bls;
  readonly network?: Network;
  readonly shardId?: number;
  /** Blocks after genesis. */
  readonly blocks: number;
  /** Changes a header before it is sealed. */
  readonly change?: (header: Header) => Header;
  /** Who signs; all when left out. */
  readonly signers?: readonly number[];
  /** Consensus version 2: the view in which a block was decided, by its own; that one when left out. */
  readonly decidedIn?: (viewId: bigint) => bigint;
  /** Salts the keys, so that two chains have different committees. */
  readonly salt?: number;
}

/** The committees of an epoch, one key set for each epoch. */
export function committeesOf(
  bls: Bls,
  network: Network,
  epoch: bigint,
  salt = 0,
): readonly TestCommittee[] {
  const { shardCount, slotsPerShard } = shardingAt(network, epoch);
  return Array.from({ length: shardCount }, (_, shardId) =>
    committeeOfTest(bls, { shardId, size: slotsPerShard, salt: salt * 16 + Number(epoch) }),
  );
}

const NO_SEAL = { signature: new Uint8Array(96), bitmap: new Uint8Array(0) };

/** A chain from genesis in which every rule is kept. */
export function makeChain(options: TestChainOptions): TestChain {
  const { bls = harmony, network = shortNetwork, shardId = 0, blocks, salt = 0 } = options;
  const cache = new Map<bigint, readonly TestCommittee[]>();
  const membersAt = (epoch: bigint): readonly TestCommittee[] => {
    const known = cache.get(epoch) ?? committeesOf(bls, network, epoch, salt);
    cache.set(epoch, known);
    return known;
  };
  const committeesAt = (epoch: bigint): ShardState => ({
    epoch,
    committees: membersAt(epoch).map(({ shardId: id, slots }) => ({ shardId: id, slots })),
  });
  const sealed = (header: Header): SealedHeader => {
    const { epoch, number, viewId } = header;
    const block = { number, viewId, hash: computeHeaderHash(header), epoch, shardId };
    const decidedInView = options.decidedIn?.(viewId) ?? (viewId > 0n ? viewId : 1n);
    const payload = sealPayload(network, block, { ...NO_SEAL, decidedInView });
    const seal = sealOf(bls, membersAt(epoch)[shardId]!, block, {
      ...(payload === undefined ? {} : { payload }),
      ...(options.signers === undefined ? {} : { signers: options.signers }),
    });
    return { header, seal: encodeCommitSeal({ ...seal, decidedInView }, network) };
  };
  const genesis = genesisHeader(network, shardId, { shardState: committeesAt(0n) });
  const headers = [sealed(genesis)];
  for (let i = 1; i <= blocks; i++) {
    const { header: parent, seal } = headers.at(-1)!;
    const ended = parent.number > 0n && parent.shardState.length > 0;
    const epoch = ended ? parent.epoch + 1n : parent.epoch;
    const number = BigInt(i);
    const leader = membersAt(epoch)[shardId]!;
    const place = i % leader.slots.length;
    const parentHash = computeHeaderHash(parent);
    const next = epoch + 1n;
    const form = isActive(network, 'staking', next) ? 'staking' : 'legacy';
    const header: Header = {
      ...emptyHeader(headerVersionAt(network, epoch)),
      parentHash,
      coinbase: coinbaseOfBlsKey(leader.slots[place]!.blsPublicKey),
      stateRoot: EMPTY_ROOT,
      transactionsRoot: EMPTY_ROOT,
      receiptsRoot: EMPTY_ROOT,
      outgoingReceiptsRoot: EMPTY_ROOT,
      incomingReceiptsRoot: EMPTY_ROOT,
      number,
      epoch,
      shardId,
      gasLimit: 30_000_000n,
      timestamp: parent.timestamp + 2n,
      viewId: parent.viewId + 1n,
      lastCommitSignature: i === 1 ? new Uint8Array(96) : seal.signature,
      lastCommitBitmap: i === 1 ? new Uint8Array(0) : seal.bitmap,
      vrf: evaluateVrf(bls, leader.secretKeys[place]!, hexToBytes(parentHash)),
      shardState: isLastBlockOfEpoch(network, number)
        ? encodeShardState(committeesAt(next), form)
        : new Uint8Array(0),
    };
    headers.push(sealed(options.change?.(header) ?? header));
  }
  return { network, headers, bytes: headers.map(bytesOf), committeesAt };
}

/** A sealed header as a source sends it. */
export function bytesOf({
  header,
  seal,
}: SealedHeader): SealedHeaderBytes & { readonly number: bigint } {
  return { number: header.number, header: encodeHeader(header), ...seal };
}

/** A clock that moves when told to. */
export interface ManualClock extends Clock {
  /** Moves on, runs what is due, and lets promises settle between. */
  advance(ms: number): Promise<void>;
  readonly timers: number;
}

/** A clock that starts at a time. */
export function manualClock(startMs = 1_800_000_000_000): ManualClock {
  let now = startMs;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    setTimer(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        now = due.at;
        due.callback();
        await settle();
      }
      now = end;
    },
    get timers() {
      return timers.length;
    },
  };
}

/** Lets promises that are ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Bytes with one bit flipped. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** A real mainnet header with its seal. */
export interface MainnetHeader extends SealedHeader {
  readonly name: string;
  readonly hash: Hash;
  readonly payload: Uint8Array;
  readonly signers: number;
}

/** The committees of mainnet in the epochs of the real headers, from the genesis lists. */
export const mainnetCommittees: ShardState = staticShardState(mainnet, mainnetAccounts, 86n);

/** The five real headers, those that end an epoch with the committees they carry. */
export function mainnetHeaders(): readonly MainnetHeader[] {
  const cases = loadVectors<
    { header: string; endsEpoch: boolean; signature: string; bitmap: string },
    { hash: Hash; number: string; epoch: string; payload: string; signers: number }
  >(import.meta.url, 'mainnet-headers', {
    in: ['header', 'endsEpoch', 'signature', 'bitmap'],
    out: ['hash', 'number', 'epoch', 'payload', 'signers'],
  });
  const shardState = encodeShardState(mainnetCommittees, 'legacy');
  return cases.map(({ name, in: given, out }) => {
    const bare = decodeHeader(hexToBytes(given.header));
    const header = given.endsEpoch ? { ...bare, shardState } : bare;
    if (header.number !== BigInt(out!.number) || header.epoch !== BigInt(out!.epoch)) {
      throw new Error(`${name}: number or epoch`);
    }
    const seal = { signature: hexToBytes(given.signature), bitmap: hexToBytes(given.bitmap) };
    const { hash, signers } = out!;
    return { name, header, seal, hash, payload: hexToBytes(out!.payload), signers };
  });
}

/** The committee of shard 0 for a real header. */
export function committeeFor(
  { header }: MainnetHeader,
  state: ShardState = mainnetCommittees,
): SealingCommittee {
  return sealingCommittee(mainnet, header.epoch, committeeOf(state, 0));
}

/** Mainnet's committees with one bit of one key of shard 0 changed. */
export function flipCommittee(
  random: SeededRandom,
  place?: number,
): { readonly state: ShardState; readonly slot: number } {
  const own = committeeOf(mainnetCommittees, 0);
  const slot = place ?? random.below(own.slots.length);
  const bit = random.below(48 * 8);
  const slots = own.slots.map((entry, i) =>
    i === slot ? { ...entry, blsPublicKey: flipBit(entry.blsPublicKey, bit) } : entry,
  );
  const committees = mainnetCommittees.committees.map((entry) =>
    entry.shardId === 0 ? { shardId: 0, slots } : entry,
  );
  return { state: { epoch: undefined, committees }, slot };
}
