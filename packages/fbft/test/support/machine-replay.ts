/**
 * Makes real machines live through what the model says: each vote of a schedule becomes the
 * messages that would bring it about, sent by the faulty member, who leads every view.
 *
 * Signatures are stubs and always verify: who signed what is the model's business here.
 */
import { bitmapFromIndices } from '@polyphony/bls/bitmap';
import { type Hash, hexToBytes } from '@polyphony/primitives';
import { HEIGHT, hashOf, viewOf } from '../../model/carried.js';
import type { Deed } from '../../model/search.js';
import {
  createState,
  type HeadInfo,
  type Input,
  ownNetworkTiming,
  type Profile,
  type SignedMark,
  type State,
  step,
  uniformCommittee,
} from '../../src/index.js';
import { encodePreparedClaim, type Seal } from '../../src/seal.js';
import { encodeSimBlock, validateSimBlock } from '../../src/simulator/application.js';
import { tagKey } from '../../src/simulator/tag-bls.js';
import type { StrictMessage } from '../../src/strict/messages.js';
import { encodeStrictMessage } from '../../src/strict/wire.js';
import { encodeGossip } from '../../src/wire.js';
import { announceOf, newViewOf, preparedOf } from './adversary.js';

const MEMBERS = 4;
const ALL = [0, 1, 2, 3];
const FAULTY = 3;
const NOW = 1_700_000_000_000;

const head: HeadInfo = {
  height: 0n,
  hash: `0x${'00'.repeat(32)}`,
  viewId: 0n,
  timestampMs: NOW,
  epoch: 0n,
  committee: uniformCommittee(ALL.map((slot) => tagKey(slot))),
};

interface RealBlock {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
}

/** The block that stands for a block of the model. */
function realBlock(block: number): RealBlock {
  return encodeSimBlock({
    height: HEIGHT,
    viewId: BigInt(viewOf(block)),
    parentHash: head.hash,
    nonce: BigInt(block),
    bad: false,
  });
}

const SEAL: Seal = {
  signature: new Uint8Array(96).fill(1),
  bitmap: bitmapFromIndices([0, 1, FAULTY], MEMBERS),
};

/** What the leader of a view says, in the words of a wire version. */
interface Voice {
  announce(view: number, block: RealBlock): Uint8Array;
  /** The certificate of a block; `justifiedBy` as in {@link Deed}. */
  prepared(view: number, block: RealBlock, justifiedBy: number): Uint8Array;
  /** Opens a view with a certificate, of the view `from`, or with reports of none. */
  newView(view: number, carried?: { readonly block: RealBlock; readonly from: number }): Uint8Array;
}

const firstVoice: Voice = {
  announce: (view, block) => announceOf(FAULTY, HEIGHT, BigInt(view), block),
  prepared: (view, block) => preparedOf(FAULTY, HEIGHT, BigInt(view), block, SEAL),
  newView: (view, carried) => {
    const claim = carried && {
      payload: encodePreparedClaim(carried.block.hash, SEAL),
      block: carried.block.bytes,
    };
    return newViewOf(FAULTY, MEMBERS, HEIGHT, BigInt(view), ALL, claim ? [] : ALL, claim);
  },
};

const strictGossip = (message: StrictMessage): Uint8Array =>
  encodeGossip({ category: 'consensus-2', message: encodeStrictMessage(message) });

const strictVoice: Voice = {
  announce: (view, { hash, bytes }) =>
    strictGossip({
      ...strictFields(view),
      type: 'announce',
      blockHash: hexToBytes(hash),
      block: bytes,
    }),
  prepared: (view, block, justifiedBy) =>
    strictGossip({
      ...strictFields(view),
      type: 'prepared',
      certificate: strictCertificate(view, block, justifiedBy),
      block: block.bytes,
    }),
  newView: (view, carried) =>
    strictGossip({
      ...strictFields(view),
      type: 'new-view',
      groups: [
        {
          certificateView: BigInt(carried?.from ?? 0),
          blockHash: carried ? hexToBytes(carried.block.hash) : new Uint8Array(32),
          seal: SEAL,
        },
      ],
      certificate: carried && strictCertificate(carried.from, carried.block, 0),
      block: carried?.block.bytes ?? new Uint8Array(0),
    }),
};

function strictFields(view: number) {
  const viewId = BigInt(view);
  const signature = new Uint8Array(96).fill(3);
  return {
    wire: 2,
    shardId: 0,
    epoch: 0n,
    height: HEIGHT,
    viewId,
    slot: FAULTY,
    signature,
  } as const;
}

function strictCertificate(view: number, { hash }: RealBlock, justifiedBy: number) {
  return {
    viewId: BigInt(view),
    blockHash: hexToBytes(hash),
    justifiedBy: BigInt(justifiedBy),
    seal: SEAL,
  };
}

/** An honest member's machine. */
export interface Replayed {
  /** The mark with the model's hashes in place of the real ones. */
  mark(): SignedMark;
  /** What was signed so far, in order, such as `prepare 2`. */
  readonly votes: readonly string[];
  /**
   * Whether a machine can be asked for this vote at all: it hears of one block and of one
   * certificate in a view, and of a carried block when the view opens.
   */
  canTry(deed: Deed): boolean;
  /** Sends what leads to a vote, if the machine wants to cast it. */
  attempt(deed: Deed): void;
  /** Stops the process; the next one starts with the mark that is on disk. */
  restart(): void;
}

/** Starts the machine of a member, for a model with so many blocks. */
export function replayedMember(slot: number, blocks: number, profile: Profile): Replayed {
  const strict = profile.wire === 2;
  const voice = strict ? strictVoice : firstVoice;
  const votes: string[] = [];
  const numbers = new Map<Hash, number>();
  for (let block = 0; block < blocks; block++) numbers.set(realBlock(block).hash, block);
  let state = fresh();

  function fresh(): State {
    return createState({
      shardId: 0,
      publicKeys: [tagKey(slot)],
      leaders: { leaderAt: () => FAULTY },
      timing: ownNetworkTiming,
      decoding: 'strict',
      aggregateVotes: true,
      profile,
      ...(strict && { chainId: 1n }),
      ...(profile.unsafe && { allowUnsafeSigning: true }),
    });
  }

  /** The host: everything succeeds at once, and nothing is sent anywhere. */
  function answers(effect: ReturnType<typeof step>['effects'][number]): Input[] {
    const now = NOW;
    if (effect.type === 'persist') return [{ type: 'persisted', now, plan: effect.plan }];
    if (effect.type === 'verify') {
      const { item, checks } = effect;
      return [{ type: 'verified', now, item, results: checks.map(() => true) }];
    }
    if (effect.type === 'validate') {
      const { height, candidate, block } = effect;
      const result = validateSimBlock(block, head.hash);
      return [{ type: 'validated', now, height, candidate, result }];
    }
    if (effect.type !== 'sign') return [];
    const { plan } = effect;
    for (const { payload } of plan.requests)
      if (payload.kind === 'prepare' || payload.kind === 'commit')
        votes.push(`${payload.kind} ${numbers.get(payload.blockHash)}`);
    const signatures = plan.requests.map(() => new Uint8Array(96).fill(2));
    return [{ type: 'signed', now, plan, signatures }];
  }

  function feed(first: Input): void {
    const inputs: Input[] = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      const result = step(state, input);
      state = result.state;
      inputs.push(...result.effects.flatMap(answers));
    }
  }

  const send = (payload: Uint8Array): void =>
    feed({ type: 'message', now: NOW, from: 'faulty', payload });

  /** Opens a view, unless the member is in it. False when the member does not follow. */
  function enter(view: number, carried?: { block: RealBlock; from: number }): boolean {
    if (state.viewId >= BigInt(view)) return true;
    // As the Go node, `compat` takes no NEWVIEW before it gave up its view.
    const id = state.timers.phase;
    if (profile.newViewFrom === 'member' && id !== undefined)
      feed({ type: 'timer', now: NOW, timer: 'phase', id });
    send(voice.newView(view, carried));
    return state.viewId === BigInt(view);
  }

  const modelVote = <Vote extends { readonly blockHash: Hash }>(vote: Vote): Vote => ({
    ...vote,
    blockHash: hashOf(numbers.get(vote.blockHash)!),
  });

  feed({ type: 'start', now: NOW, head });
  return {
    votes,
    mark: () => {
      const { certificate: _certificate, proposal: _proposal, ...mark } = state.mark;
      return {
        ...mark,
        ...(mark.prepared && { prepared: modelVote(mark.prepared) }),
        ...(mark.lock && { lock: modelVote(mark.lock) }),
      };
    },
    canTry: ({ kind, view, justifiedBy = 0 }) => {
      if (state.viewId < BigInt(view)) return true;
      if (state.viewId > BigInt(view)) return false;
      if (kind === 'commit') return state.preparedProof === undefined;
      return justifiedBy === 0 && state.leaderBlock === undefined;
    },
    attempt: ({ kind, block: number, view, justifiedBy = 0 }) => {
      const block = realBlock(number);
      if (kind === 'prepare') {
        if (justifiedBy > 0) enter(view, { block, from: justifiedBy });
        else if (enter(view)) send(voice.announce(view, block));
        return;
      }
      const opens = !strict && viewOf(number) < view && state.viewId < BigInt(view);
      if (opens) enter(view, { block, from: viewOf(number) });
      else if (enter(view)) send(voice.prepared(view, block, justifiedBy));
    },
    restart: () => {
      const { mark } = state;
      state = fresh();
      feed({ type: 'start', now: NOW, head, mark });
    },
  };
}
