/** Any message of wire version 2. */
import fc from 'fast-check';
import type { StrictCertificate, StrictMessage } from '../../src/strict/messages.js';
import { compareGroups } from '../../src/strict/wire.js';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const view = fc.bigInt({ min: 2n, max: (1n << 64n) - 1n });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const block = fc.uint8Array({ minLength: 1, maxLength: 40 });
const seal = fc.record({
  bitmap: fc.uint8Array({ minLength: 1, maxLength: 5 }),
  signature: bytes(96),
});
const head = fc.record({
  wire: fc.constant(2 as const),
  shardId: fc.integer({ min: 0, max: 0xffffffff }),
  epoch: u64,
  height: u64,
  viewId: view,
});
const signed = fc
  .tuple(head, fc.integer({ min: 0, max: 0xffff }), bytes(96))
  .map(([common, slot, signature]) => ({ ...common, slot, signature }));
const hash = bytes(32);

/** A certificate of a view, or of any view below. */
const certificate = (viewId: bigint, same: boolean): fc.Arbitrary<StrictCertificate> =>
  (same ? fc.constant(viewId) : fc.bigInt({ min: 1n, max: viewId - 1n })).chain((certified) =>
    fc.record({
      viewId: fc.constant(certified),
      justifiedBy: fc.bigInt({ min: 0n, max: certified - 1n }),
      blockHash: hash,
      seal,
    }),
  );

const announce = fc
  .tuple(signed, hash, block)
  .map(
    ([common, blockHash, body]) =>
      ({ ...common, type: 'announce', blockHash, block: body }) as const,
  );

const vote = fc
  .tuple(
    head,
    fc.constantFrom('prepare', 'commit'),
    hash,
    bytes(96),
    fc.integer({ min: -1, max: 9 }),
  )
  .chain(([common, type, blockHash, signature, slot]) =>
    fc.bigInt({ min: 0n, max: common.viewId - 1n }).map((earlier) => ({
      ...common,
      type: type as 'prepare' | 'commit',
      blockHash,
      justifiedBy: type === 'commit' ? 0n : earlier,
      slot,
      bitmap: slot < 0 ? Uint8Array.of(3, slot & 255) : new Uint8Array(0),
      signature,
    })),
  );

const prepared = fc
  .tuple(signed, block)
  .chain(([common, body]) =>
    certificate(common.viewId, true).map(
      (proof) => ({ ...common, type: 'prepared', certificate: proof, block: body }) as const,
    ),
  );

const committed = fc
  .tuple(signed, seal)
  .chain(([common, commits]) =>
    certificate(common.viewId, true).map(
      (proof) => ({ ...common, type: 'committed', seal: commits, certificate: proof }) as const,
    ),
  );

const viewChange = fc
  .tuple(signed, fc.boolean(), fc.boolean(), block)
  .chain(([common, has, full, body]) =>
    certificate(common.viewId, false).map(
      (proof) =>
        ({
          ...common,
          type: 'view-change',
          certificate: has ? proof : undefined,
          block: has && full ? body : new Uint8Array(0),
        }) as const,
    ),
  );

const newView = fc
  .tuple(signed, fc.boolean(), block, fc.array(fc.tuple(hash, seal), { maxLength: 3 }), seal)
  .chain(([common, has, body, others, own]) =>
    certificate(common.viewId, false).map((proof) => {
      const nothing = { certificateView: 0n, blockHash: new Uint8Array(32), seal: own };
      const first = { certificateView: proof.viewId, blockHash: proof.blockHash, seal: own };
      const lower = others
        .map(([blockHash, sum]) => ({ certificateView: proof.viewId - 1n, blockHash, seal: sum }))
        .filter(({ certificateView }) => certificateView > 0n);
      const groups = has ? [first, ...lower].sort(compareGroups) : [nothing];
      return {
        ...common,
        type: 'new-view',
        groups: groups.filter((group, i) => i === 0 || compareGroups(groups[i - 1]!, group) !== 0),
        certificate: has ? proof : undefined,
        block: has ? body : new Uint8Array(0),
      } as const;
    }),
  );

export const anyStrictMessage: fc.Arbitrary<StrictMessage> = fc.oneof(
  announce,
  vote,
  prepared,
  committed,
  viewChange,
  newView,
);
