/**
 * The randomness of an epoch in a node of the beacon shard: its members' contributions, the delay,
 * and the seed that assigns the next committees.
 *
 * The rules are `@polyphony/randomness`'s; here is what they stand on: the state beside the chain's
 * head, contributions that members pass on by gossip, and a service that evaluates the delay
 * elsewhere while the node goes on.
 */
import type { Bls } from '@polyphony/bls';
import type { Header } from '@polyphony/chain';
import { blocksPerEpochAt, type Network } from '@polyphony/networks';
import { bytesToHex, isProtocolError, utf8ToBytes } from '@polyphony/primitives';
import {
  applyBeaconBlock,
  type BeaconContext,
  type BeaconContribution,
  type BeaconParameters,
  type BeaconState,
  beaconWindows,
  composeBeaconField,
  contributionMessage,
  decodeBeaconField,
  decodeBeaconState,
  encodeBeaconField,
  encodeBeaconState,
  MAX_BLOCK_CONTRIBUTIONS,
  nextBeaconEpoch,
  pendingDelay,
  type SeedOrigin,
  startBeacon,
  verifyContribution,
  wantsContribution,
} from '@polyphony/randomness/beacon';
import type { VdfInput } from '@polyphony/randomness/vdf';
import type { BatchOperation, KeyValueStore } from '@polyphony/storage';
import type { Committees } from './committees.js';
import type { LocalSigner } from './keys.js';

/** Evaluates delays, away from the node's own thread. */
export interface DelayService {
  /** Output and proof. */
  evaluate(input: VdfInput): Promise<Uint8Array>;
  /** The discriminant of a seed, which makes checking a result cheap. */
  deriveDiscriminant(seed: Uint8Array, bits: number): Promise<bigint>;
}

/** What an epoch's randomness stands on. */
export interface EpochRandomnessOptions {
  readonly network: Network;
  readonly store: KeyValueStore;
  readonly committees: Committees;
  readonly bls: Bls;
  readonly signer: LocalSigner;
  /** Without one this node finds no results and checks those of others slowly. */
  readonly delays?: DelayService;
  /** Passes the own contributions on to the other members. */
  publish(contributions: Uint8Array): void;
  onWarning(text: string): void;
}

/** A seed and where it came from. */
export interface EpochSeed {
  readonly seed: Uint8Array;
  readonly origin: SeedOrigin;
}

/** The randomness of a beacon chain. */
export interface EpochRandomness {
  /** The seed of the epoch after the head's, once it is settled. */
  readonly next: EpochSeed | undefined;
  /** The seed that the head's epoch was assigned by. */
  readonly current: EpochSeed;
  /** The field of this node's block on the head. */
  propose(epoch: bigint, leader: number): Uint8Array;
  /** Makes checking a header on the head cheap, if it carries a delayed value. */
  prepare(header: Header): Promise<void>;
  /** Why a header's field may not be on the head, or undefined when it may. */
  refusal(header: Header, leader: number): string | undefined;
  /** The operations that take a block's field in, to be written with it. */
  operationsOf(header: Header, leader: number): readonly BatchOperation[];
  /** The head moved, or the node started: contribute, and evaluate what waits. */
  advance(epoch: bigint): void;
  /** Contributions that a member passed on. */
  receive(bytes: Uint8Array): void;
}

const STATE_KEY = utf8ToBytes('epoch-randomness');

/** The beacon's constants on a network of random sharding. */
export function randomnessParameters(network: Network): BeaconParameters | undefined {
  const { randomSharding } = network;
  if (randomSharding === undefined) return undefined;
  const { delaySquarings, discriminantBits } = randomSharding;
  return {
    chainId: network.chainId,
    shardId: 0,
    iterations: delaySquarings,
    discriminantBits,
    ...beaconWindows(Number(blocksPerEpochAt(network, 0n))),
  };
}

/** The randomness beside a chain, from where its store has it. */
export function openEpochRandomness(
  parameters: BeaconParameters,
  options: EpochRandomnessOptions,
): EpochRandomness {
  const { store, committees, bls, signer, delays } = options;
  const bits = parameters.discriminantBits!;
  /** Verified contributions that wait for a block, by member. */
  const waiting = new Map<number, BeaconContribution>();
  /** The newest delay that was found, and the newest discriminant, by the seed they belong to. */
  let result: { readonly seed: string; readonly bytes: Uint8Array } | undefined;
  let discriminant: { readonly seed: string; readonly value: bigint } | undefined;
  let evaluating: string | undefined;
  /** Of the block after the head. */
  let epoch = 0n;

  const stored = (): BeaconState => {
    const bytes = store.getSync(STATE_KEY);
    return bytes === undefined ? startBeacon(parameters) : decodeBeaconState(bytes);
  };

  /** The state that a block of an epoch is applied to. */
  const before = (blockEpoch: bigint): BeaconState => {
    const state = stored();
    return state.epoch < blockEpoch ? nextBeaconEpoch(state) : state;
  };

  function contextOf(state: BeaconState): BeaconContext {
    const pending = pendingDelay(state, parameters);
    const known = pending && discriminant?.seed === bytesToHex(pending.seed) && discriminant.value;
    return {
      parameters,
      bls,
      keys: committees.committeeAt(state.epoch).slots.map(({ blsPublicKey }) => blsPublicKey),
      ...(known ? { vdf: { discriminant: known } } : {}),
    };
  }

  const apply = (header: Header, leader: number): BeaconState => {
    const state = before(header.epoch);
    return applyBeaconBlock(state, { leader, field: header.vdf }, contextOf(state));
  };

  /** The own members' contributions that are still wanted. */
  function own(state: BeaconState): BeaconContribution[] {
    const context = contextOf(state);
    const held = new Set(signer.publicKeys.map((key) => bytesToHex(key)));
    return context.keys.flatMap((key, member) =>
      held.has(bytesToHex(key)) && wantsContribution(state, member)
        ? [{ member, proof: signer.signBytes(key, contributionMessage(state, context, key)) }]
        : [],
    );
  }

  async function learnDiscriminant(seed: Uint8Array): Promise<void> {
    const name = bytesToHex(seed);
    if (delays === undefined || discriminant?.seed === name) return;
    discriminant = { seed: name, value: await delays.deriveDiscriminant(seed, bits) };
  }

  async function evaluate(pending: VdfInput): Promise<void> {
    const name = bytesToHex(pending.seed);
    if (delays === undefined || evaluating === name) return;
    evaluating = name;
    await learnDiscriminant(pending.seed);
    result = { seed: name, bytes: await delays.evaluate(pending) };
  }

  return {
    get next() {
      const { stage } = stored();
      return stage.phase === 'settled' ? { seed: stage.nextSeed, origin: stage.origin } : undefined;
    },
    get current() {
      const { seed, origin } = stored();
      return { seed, origin };
    },
    propose(blockEpoch, leader) {
      const state = before(blockEpoch);
      const pending = pendingDelay(state, parameters);
      const found = pending && result?.seed === bytesToHex(pending.seed) ? result.bytes : undefined;
      return composeBeaconField(state, { parameters }, leader, {
        contributions: [...waiting.values(), ...own(state)],
        ...(found === undefined ? {} : { result: found }),
      });
    },
    async prepare(header) {
      const pending = pendingDelay(before(header.epoch), parameters);
      if (pending !== undefined && header.vdf.length > 0) await learnDiscriminant(pending.seed);
    },
    refusal(header, leader) {
      try {
        apply(header, leader);
        return undefined;
      } catch (error) {
        if (!isProtocolError(error)) throw error;
        return `randomness: ${error.message}`;
      }
    },
    operationsOf: (header, leader) => [
      { type: 'put', key: STATE_KEY, value: encodeBeaconState(apply(header, leader)) },
    ],
    advance(next) {
      epoch = next;
      const state = before(epoch);
      for (const member of waiting.keys()) {
        if (!wantsContribution(state, member)) waiting.delete(member);
      }
      if (state.blocks === 0) waiting.clear();
      const contributions = own(state).slice(0, MAX_BLOCK_CONTRIBUTIONS);
      if (contributions.length > 0) {
        options.publish(encodeBeaconField({ type: 'contributions', contributions }, bits));
      }
      const pending = pendingDelay(state, parameters);
      if (pending === undefined) return;
      evaluate(pending).catch((error: Error) => options.onWarning(`delay: ${error.message}`));
    },
    receive(bytes) {
      const state = before(epoch);
      const field = decodeBeaconField(bytes, bits);
      if (field.type !== 'contributions') return;
      const context = contextOf(state);
      for (const contribution of field.contributions) {
        const { member } = contribution;
        if (waiting.has(member) || !wantsContribution(state, member)) continue;
        if (verifyContribution(state, context, contribution)) waiting.set(member, contribution);
      }
    },
  };
}
