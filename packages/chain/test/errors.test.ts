/** Every error code with its message, and what encoders refuse. */
import { mainnet } from '@polyphony/networks';
import { encodeRlp, isProtocolError, utf8ToBytes, ZERO_ADDRESS } from '@polyphony/primitives';
import { describe, expect, test } from 'vitest';
import {
  type Body,
  chainIdOfV,
  computeEvidenceHash,
  computeListRoot,
  decodeBlock,
  decodeBody,
  decodeCrossShardReceipt,
  decodeDirective,
  decodeHeader,
  decodeReceipt,
  decodeSealedBlock,
  decodeStakingCall,
  decodeTransferCall,
  emptyHeader,
  encodeBlock,
  encodeBody,
  encodeCrossShardReceipt,
  encodeHeader,
  encodeReceipt,
  encodeSlashRecords,
  encodeTransaction,
  hasRepeatedEvidence,
  recoverSender,
  type SignedTransaction,
  type SlashEvidence,
  splitFee,
  verifyListProof,
} from '../src/index.js';
import { hashOf } from './support.js';

const TX: SignedTransaction = {
  nonce: 0n,
  gasPrice: 0n,
  gasLimit: 0n,
  shardId: 0,
  toShardId: 0,
  to: undefined,
  value: 0n,
  data: new Uint8Array(0),
  v: 37n,
  r: 1n,
  s: 1n,
};
const EMPTY: Body = {
  version: 2,
  transactions: [],
  stakingTransactions: [],
  uncles: [],
  incomingReceipts: [],
};

function codeAndMessage(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isProtocolError(error)) return `${error.code}: ${error.message}`;
    return `${error}`;
  }
  return 'no error';
}

test.each<[string, () => unknown]>([
  [
    'chain/invalid-encoding: invalid header: invalid RLP at byte 0: an item is missing',
    () => decodeHeader(new Uint8Array(0)),
  ],
  [
    'chain/unsupported-version: header has the unsupported tag "v4"',
    () => decodeHeader(encodeRlp([utf8ToBytes('HmnyTgd'), utf8ToBytes('v4'), []])),
  ],
  [
    'chain/unsupported-version: body has the unsupported tag "v3"',
    () => decodeBody(encodeRlp([utf8ToBytes('HmnyTgd'), utf8ToBytes('v3'), []])),
  ],
  [
    'chain/field-not-in-version: a version 3 header has no field shardStateHash, it must be empty',
    () => encodeHeader({ ...emptyHeader(3), shardStateHash: hashOf(1) }),
  ],
  [
    'chain/field-not-in-version: a version 0 header has no field vrf, it must be empty',
    () => encodeHeader({ ...emptyHeader(0), vrf: new Uint8Array(128) }),
  ],
  [
    `chain/out-of-range: number must be an unsigned integer of at most 64 bits, got ${2n ** 64n}`,
    () => encodeHeader({ ...emptyHeader(3), number: 2n ** 64n }),
  ],
  [
    'chain/out-of-range: lastCommitSignature must be 96 bytes, got 0',
    () => encodeHeader({ ...emptyHeader(3), lastCommitSignature: new Uint8Array(0) }),
  ],
  [
    'chain/out-of-range: parentHash must be 0x and 64 digits',
    () => encodeHeader({ ...emptyHeader(3), parentHash: '0x00' }),
  ],
  [
    'chain/out-of-range: parentHash must be 0x and 64 digits',
    () => encodeHeader({ ...emptyHeader(3), parentHash: `0x${'zz'.repeat(32)}` }),
  ],
  [
    'chain/out-of-range: shardId must be an unsigned 32-bit integer, got -1',
    () => encodeTransaction({ ...TX, shardId: -1 }),
  ],
  ['chain/invalid-signature: invalid signature: v must not be 30', () => chainIdOfV(30n)],
  [
    'chain/wrong-chain-id: chain id must be 1, got 7',
    () => recoverSender({ ...TX, v: 49n }, { network: mainnet, shardId: 0 }),
  ],
  [
    'chain/not-active: an eth-compatible chain id is not active at epoch 1',
    () => recoverSender({ ...TX, v: 3333200035n }, { network: mainnet, shardId: 0, epoch: 1n }),
  ],
  [
    "chain/unsigned-shard-ids: the signature does not cover the shard ids, and these (0 to 1) are not both the block's shard",
    () => recoverSender({ ...TX, v: 3333200035n, toShardId: 1 }, { network: mainnet, shardId: 0 }),
  ],
  [
    'chain/out-of-range: fee must be an unsigned integer of at most 256 bits, got -1',
    () => splitFee(-1n, []),
  ],
  [
    'chain/invalid-encoding: invalid staking message: bad staking kind',
    () => decodeDirective(5, encodeRlp([])),
  ],
  [
    'chain/invalid-encoding: invalid receipt: the status must be 01, empty or a 32-byte state root',
    () => decodeReceipt(encodeRlp([Uint8Array.of(2), 0, new Uint8Array(256), []])),
  ],
  [
    'chain/invalid-encoding: invalid sealed block: the seal must have at least 96 bytes',
    () =>
      decodeSealedBlock(
        encodeRlp([{ rlp: encodeBlock({ header: emptyHeader(0), ...EMPTY }) }, new Uint8Array(95)]),
      ),
  ],
  [
    'chain/invalid-precompile-input: data too short (3 bytes) for abi method lookup',
    () => decodeStakingCall(new Uint8Array(3), ZERO_ADDRESS),
  ],
  [
    'chain/invalid-precompile-input: no method with id: 0x00000000',
    () => decodeTransferCall(new Uint8Array(4)),
  ],
  [
    'chain/invalid-precompile-input: abi: attempting to unmarshall an empty string while arguments are expected',
    () => decodeTransferCall(Uint8Array.of(0x28, 0x48, 0x08, 0)),
  ],
  [
    'chain/invalid-precompile-input: abi: improperly encoded uint32 value',
    () => {
      const input = new Uint8Array(100);
      input.set([0x28, 0x48, 0x08, 0]);
      input[68] = 1;
      return decodeTransferCall(input);
    },
  ],
])('%s', (expected, run) => {
  expect(codeAndMessage(run)).toBe(expected);
});

describe('bodies and blocks', () => {
  const raw = encodeRlp([]);
  test.each([
    ['staking transactions', 1, { stakingTransactions: [raw] }],
    ['incoming receipts', 0, { incomingReceipts: [raw] }],
  ] as const)('%s do not fit version %i', (_what, version, change) => {
    const message = codeAndMessage(() => encodeBody({ ...EMPTY, version, ...change }));
    expect(message).toMatch(/^chain\/out-of-range: .* must be empty in a version/);
  });

  test('a raw item that is not one list is refused', () => {
    for (const item of [new Uint8Array(0), Uint8Array.of(0x80), Uint8Array.of(0xc0, 0xc0)]) {
      const message = codeAndMessage(() => encodeBody({ ...EMPTY, stakingTransactions: [item] }));
      expect(message).toMatch(/^chain\/invalid-encoding/);
    }
  });

  test('a raw item that its own decoder refuses makes the body invalid', () => {
    for (const list of ['stakingTransactions', 'uncles', 'incomingReceipts']) {
      const bytes = encodeBody({ ...EMPTY, [list]: [raw] });
      expect(codeAndMessage(() => decodeBody(bytes))).toMatch(/^chain\/invalid-encoding/);
    }
  });

  test('the version of a block must be the one of its header', () => {
    const block = encodeRlp([{ rlp: encodeHeader(emptyHeader(3)) }, [], []]);
    expect(codeAndMessage(() => decodeBlock(block))).toBe(
      'chain/invalid-encoding: invalid block: version 0 does not fit a header of 3',
    );
  });
});

describe('wrong JavaScript types', () => {
  test.each<[string, () => unknown]>([
    ['a number for a bigint', () => encodeTransaction({ ...TX, nonce: 1 as never })],
    ['a bigint for a number', () => encodeTransaction({ ...TX, shardId: 1n as never })],
    ['text for bytes', () => encodeTransaction({ ...TX, data: '0x' as never })],
    ['bytes for text', () => encodeTransaction({ ...TX, to: new Uint8Array(20) as never })],
    ['text for an item of a list', () => computeListRoot(['0x00' as never])],
    ['an unknown header version', () => encodeHeader({ ...emptyHeader(3), version: 4 as never })],
    ['an unknown body version', () => encodeBody({ ...EMPTY, version: 3 as never })],
  ])('%s is a TypeError', (_what, run) => {
    expect(run).toThrow(TypeError);
  });
});

describe('receipts', () => {
  test('one whose receiver is missing encodes and does not decode', () => {
    const bytes = encodeCrossShardReceipt({
      transactionHash: hashOf(1),
      from: ZERO_ADDRESS,
      to: undefined,
      shardId: 0,
      toShardId: 1,
      amount: 0n,
    });
    expect(codeAndMessage(() => decodeCrossShardReceipt(bytes))).toMatch(
      /^chain\/invalid-encoding: invalid cross-shard receipt/,
    );
  });

  test('a state root is a status of 32 bytes', () => {
    const receipt = {
      status: { postState: hashOf(7) },
      cumulativeGasUsed: 1n,
      logsBloom: new Uint8Array(256),
      logs: [],
    };
    expect(decodeReceipt(encodeReceipt(receipt))).toEqual(receipt);
  });
});

describe('slash records', () => {
  const vote = (byte: number) => ({
    signerPublicKeys: [new Uint8Array(48)],
    blockHash: hashOf(byte),
    signature: new Uint8Array(96),
  });
  const evidence: SlashEvidence = {
    epoch: 1n,
    shardId: 0,
    height: 2n,
    viewId: 3n,
    firstVote: vote(1),
    secondVote: vote(2),
    offender: ZERO_ADDRESS,
  };
  const swapped = { ...evidence, firstVote: vote(2), secondVote: vote(1) };
  const record = (of: SlashEvidence, reporter = ZERO_ADDRESS) => ({ evidence: of, reporter });

  test('the same evidence counts once, whoever reports it and in whatever order', () => {
    expect(hasRepeatedEvidence([record(evidence)])).toBe(false);
    expect(hasRepeatedEvidence([record(evidence), record(evidence)])).toBe(true);
    expect(hasRepeatedEvidence([record(evidence), record(swapped)])).toBe(true);
    const other = `0x${'11'.repeat(20)}` as const;
    expect(hasRepeatedEvidence([record(evidence), record(evidence, other)])).toBe(true);
    const later = { ...evidence, height: 3n };
    expect(hasRepeatedEvidence([record(evidence), record(later)])).toBe(false);
    expect(computeEvidenceHash(evidence)).not.toBe(computeEvidenceHash(swapped));
  });

  test('no records are no bytes', () => expect(encodeSlashRecords([])).toHaveLength(0));
});

test('a proof verifier answers, also about what cannot be', () => {
  expect(verifyListProof('0x00', 0, undefined, [])).toBe(false);
  expect(verifyListProof(hashOf(1), 0, undefined, [new Uint8Array(0)])).toBe(false);
});
