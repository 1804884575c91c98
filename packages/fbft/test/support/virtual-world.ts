/** A clock, a broadcast and a small application for drivers, all in one process and virtual time. */
import type { Bls } from '@polyphony/bls';
import { roundRobinLeaders, uniformCommittee } from '../../src/committee.js';
import {
  type Application,
  type Clock,
  createDriver,
  type Driver,
  type DriverEvent,
  type DriverOptions,
  type HeadInfo,
  memoryMarkStore,
  type ProposalContext,
  type Signer,
} from '../../src/driver.js';
import { commitPayload, type DecidedSeal, type Seal, verifySeal } from '../../src/seal.js';
import { decodeSimBlock, encodeSimBlock } from '../../src/simulator/application.js';
import { fastTiming } from './schedules.js';

/** Time that moves only when told to, after all promises have settled. */
export function virtualClock(start = 1_700_000_000_000): Clock & {
  advance(ms: number): Promise<void>;
  pending(): number;
} {
  let now = start;
  let order = 0;
  const timers: { at: number; order: number; run: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((done) => setImmediate(done));
  return {
    now: () => now,
    setTimer: (delayMs, run) => {
      const timer = { at: now + delayMs, order: order++, run };
      timers.push(timer);
      timers.sort((a, b) => a.at - b.at || a.order - b.order);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    pending: () => timers.length,
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      while (timers[0] !== undefined && timers[0].at <= end) {
        const timer = timers.shift()!;
        now = timer.at;
        timer.run();
        await settle();
      }
      now = end;
    },
  };
}

export interface Member {
  readonly driver: Driver;
  readonly chain: { block: Uint8Array; seal: Seal; head: HeadInfo }[];
  readonly events: DriverEvent[];
  readonly options: DriverOptions;
  /** Proposers' views of their parent's seal. */
  readonly parentSeals: (DecidedSeal | undefined)[];
  readonly improved: { height: bigint; seal: DecidedSeal }[];
}

/** A network of drivers over one broadcast. */
export function driverNetwork(
  bls: Bls,
  signers: readonly (Signer | undefined)[],
  overrides: (
    id: number,
  ) => Partial<DriverOptions> & { readonly app?: Partial<Application> } = () => ({}),
): {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly members: Member[];
  readonly genesis: HeadInfo;
  readonly down: Set<number>;
  send: (from: number, to: number, payload: Uint8Array) => boolean;
} {
  const clock = virtualClock();
  const committee = uniformCommittee(signers.flatMap((signer) => signer?.publicKeys ?? []));
  const genesis: HeadInfo = {
    height: 0n,
    hash: `0x${'00'.repeat(32)}`,
    viewId: 0n,
    timestampMs: clock.now(),
    epoch: 0n,
    committee,
  };
  const down = new Set<number>();
  const network = {
    clock,
    members: [] as Member[],
    genesis,
    down,
    send: (_from: number, _to: number, _payload: Uint8Array): boolean => true,
  };
  signers.forEach((signer, id) => {
    const chain: Member['chain'] = [];
    const events: DriverEvent[] = [];
    const parentSeals: Member['parentSeals'] = [];
    const improved: Member['improved'] = [];
    const headOf = (): HeadInfo => chain.at(-1)?.head ?? genesis;
    const { app, ...rest } = overrides(id);
    const application: Application = {
      propose: async ({ height, viewId, head, parentSeal }: ProposalContext) => {
        parentSeals.push(await parentSeal);
        const { bytes: block, hash: blockHash } = encodeSimBlock({
          height,
          viewId,
          parentHash: head.hash,
          nonce: BigInt(id),
          bad: false,
        });
        return { block, blockHash };
      },
      validate: async (bytes, { head }) => {
        const block = decodeSimBlock(bytes);
        if (block === undefined || block.parentHash !== head.hash)
          return { valid: false, reason: 'it is on another head' };
        const { height, parentHash, viewId } = block;
        return { valid: true, blockHash: encodeSimBlock(block).hash, height, parentHash, viewId };
      },
      commit: async (block, seal, { height, blockHash, viewId }) => {
        const payload = commitPayload(height, blockHash, viewId, true);
        if (!verifySeal(bls, committee, payload, seal)) throw new Error('seal does not verify');
        const head = { ...headOf(), height, hash: blockHash, viewId, timestampMs: clock.now() };
        chain.push({ block, seal, head });
        return head;
      },
      improveSeal: (height, _hash, seal) => {
        improved.push({ height, seal });
      },
      ...app,
    };
    const options: DriverOptions = {
      bls,
      shardId: 0,
      clock,
      ...(signer && { signer }),
      broadcast: {
        publish: (payload) => {
          if (down.has(id)) return;
          network.members.forEach((member, to) => {
            if (to === id || down.has(to) || !network.send(id, to, payload)) return;
            clock.setTimer(5, () => member.driver.receive(`member-${id}`, payload));
          });
        },
      },
      application,
      marks: memoryMarkStore(),
      leaders: roundRobinLeaders,
      timing: fastTiming,
      randomBytes: (length) => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) & 255),
      onEvent: (event) => events.push(event),
      ...rest,
    };
    const driver = createDriver(options);
    network.members.push({ driver, chain, events, options, parentSeals, improved });
  });
  return network;
}
