/** Every decoder of the package with its encoder and valid bytes: what the hostile-input tests run over. */
import { reference } from '@polyphony/networks';
import { referenceAccounts } from '@polyphony/networks/genesis/reference';
import {
  type Address,
  bytesToHex,
  concatBytes,
  encodeRlp,
  hexToBytes,
  keccak256,
  utf8ToBytes,
} from '@polyphony/primitives';
import { genesisShardState } from '@polyphony/sharding';
import { type FuzzTarget, loadVectors } from '@polyphony/testkit';
import {
  ChainError,
  type CrossShardReceipt,
  computeAccountRoot,
  computeListRoot,
  computeOutgoingReceiptsRoot,
  computeStorageRoot,
  crossShardProofOf,
  decodeAccount,
  decodeBlock,
  decodeBody,
  decodeCrossLink,
  decodeCrossLinkHeartbeat,
  decodeCrossLinks,
  decodeCrossShardMerkleProof,
  decodeCrossShardProof,
  decodeCrossShardReceipt,
  decodeCrossShardReceipts,
  decodeDirective,
  decodeEthereumTransaction,
  decodeHeader,
  decodeReceipt,
  decodeSealedBlock,
  decodeSlashRecords,
  decodeStakingCall,
  decodeStakingTransaction,
  decodeStoredReceipt,
  decodeTaggedRlp,
  decodeTransaction,
  decodeTransferCall,
  EMPTY_CODE_HASH,
  EMPTY_ROOT,
  emptyHeader,
  encodeAccount,
  encodeBlock,
  encodeBody,
  encodeCrossLink,
  encodeCrossLinkHeartbeat,
  encodeCrossLinks,
  encodeCrossShardMerkleProof,
  encodeCrossShardProof,
  encodeCrossShardReceipt,
  encodeCrossShardReceipts,
  encodeDirective,
  encodeEthereumTransaction,
  encodeHeader,
  encodeReceipt,
  encodeSealedBlock,
  encodeSlashRecords,
  encodeStakingCall,
  encodeStakingTransaction,
  encodeStoredReceipt,
  encodeTaggedRlp,
  encodeTransaction,
  encodeTransferCall,
  genesisBlock,
  type Log,
  proveListItem,
  proveSecureKey,
  type SlashRecord,
  verifyAccountProof,
  verifyListProof,
  verifyStorageProof,
} from '../src/index.js';
import { bytesToText, textToBytes } from '../src/text.js';
import { type HeaderFields, hashOf, headerOf } from './support.js';

function codec<T>(
  name: string,
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
  samples: readonly Uint8Array[],
): FuzzTarget {
  return { name, samples, refusal: ChainError, run: (bytes) => encode(decode(bytes)) };
}

function rlpOf(file: string): Uint8Array[] {
  const cases = loadVectors<{ rlp?: string }, { rlp?: string }>(import.meta.url, file);
  return cases
    .filter(({ error }) => error === undefined)
    .flatMap((entry) => entry.in.rlp ?? entry.out?.rlp ?? [])
    .map((rlp) => hexToBytes(rlp));
}

function headerSamples(): Uint8Array[] {
  return loadVectors<{ version: number; fields: HeaderFields }, object>(import.meta.url, 'headers')
    .filter(({ in: { fields } }) => typeof fields.shardState !== 'object')
    .map(({ in: { version, fields } }) => encodeHeader(headerOf(version, fields)));
}

const LOG: Log = {
  address: `0x${'0a'.repeat(20)}`,
  topics: [hashOf(1), hashOf(2)],
  data: Uint8Array.of(1, 2, 3),
};
const RECEIPTS: readonly CrossShardReceipt[] = [1, 2, 1].map((toShardId, i) => ({
  transactionHash: hashOf(i),
  from: `0x${'aa'.repeat(20)}`,
  to: `0x${'bb'.repeat(20)}`,
  shardId: 0,
  toShardId,
  amount: BigInt(i),
}));
const HEADER = {
  ...emptyHeader(3),
  number: 9n,
  outgoingReceiptsRoot: computeOutgoingReceiptsRoot(RECEIPTS),
};
const PROOF = crossShardProofOf({
  header: HEADER,
  receipts: RECEIPTS,
  toShardId: 1,
  commitSignature: new Uint8Array(96),
  commitBitmap: Uint8Array.of(1),
})!;
const SLASH: SlashRecord = {
  evidence: {
    epoch: 1n,
    shardId: 1,
    height: 2n,
    viewId: 3n,
    firstVote: {
      signerPublicKeys: [new Uint8Array(48)],
      blockHash: hashOf(1),
      signature: new Uint8Array(96),
    },
    secondVote: { signerPublicKeys: [], blockHash: hashOf(2), signature: new Uint8Array(0) },
    offender: `0x${'aa'.repeat(20)}`,
  },
  reporter: `0x${'bb'.repeat(20)}`,
};

/** Header fields: the empty list is accepted beside the empty string, as nodes do. */
function listField<T>(
  name: string,
  decode: (bytes: Uint8Array) => T[],
  encode: (value: readonly T[]) => Uint8Array,
  samples: readonly Uint8Array[],
): FuzzTarget {
  const isEmptyList = (bytes: Uint8Array): boolean => bytes.length === 1 && bytes[0] === 0xc0;
  return {
    name,
    samples,
    refusal: ChainError,
    run: (bytes) => {
      const items = decode(bytes);
      return items.length === 0 && isEmptyList(bytes) ? bytes : encode(items);
    },
  };
}

/** A verdict: a refusal like a decoder's, or accepted with nothing to compare. */
function verdict(holds: boolean): undefined {
  if (!holds) throw new ChainError({ code: 'chain/invalid-encoding', what: 'proof', reason: '' });
}

/** Nodes of a proof in one byte string: each behind its length. */
function joinNodes(nodes: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...nodes.flatMap((node) => [Uint8Array.of(node.length >> 8, node.length & 255), node]),
  );
}

function splitNodes(bytes: Uint8Array): Uint8Array[] {
  const nodes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length && nodes.length < 1000; ) {
    const end = at + 2 + ((bytes[at]! << 8) | (bytes[at + 1] ?? 0));
    nodes.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return nodes;
}

/** Proof verifiers: what is not so must not hold, whatever the nodes are. */
function proofTargets(): FuzzTarget[] {
  const items = Array.from({ length: 300 }, (_, i) => encodeRlp([i, new Uint8Array(i % 50)]));
  const root = computeListRoot(items);
  const keys = Array.from({ length: 60 }, (_, i) => Uint8Array.of(i, 9));
  const account = { nonce: 1n, balance: 2n, storageRoot: EMPTY_ROOT, codeHash: EMPTY_CODE_HASH };
  const addressOf = (i: number): Address => `0x${i.toString(16).padStart(2, '0').repeat(20)}`;
  const accounts = keys.map((_, i) => [addressOf(i), { ...account, nonce: BigInt(i) }] as const);
  const stateRoot = computeAccountRoot(
    accounts.map(([address, record]) => ({ address, ...record })),
  );
  const slots = keys.map((_, i) => [hashOf(i), BigInt(i + 1)] as const);
  const storageRoot = computeStorageRoot(slots);
  const accountEntries = accounts.map(
    ([address, record]) => [hexToBytes(address), encodeAccount(record)] as const,
  );
  const slotEntries = slots.map(([slot, value]) => [hexToBytes(slot), encodeRlp(value)] as const);
  const target = (
    name: string,
    samples: readonly Uint8Array[],
    holds: (proof: readonly Uint8Array[]) => boolean,
    lies: (proof: readonly Uint8Array[]) => boolean,
  ): FuzzTarget => ({
    name,
    samples,
    refusal: ChainError,
    allocates: true,
    run: (bytes) => {
      const proof = splitNodes(bytes);
      if (lies(proof)) throw new Error('a lie holds');
      return verdict(holds(proof));
    },
  });
  return [
    target(
      'list proof',
      [joinNodes(proveListItem(items, 200))],
      (proof) => verifyListProof(root, 200, items[200], proof),
      (proof) =>
        verifyListProof(root, 200, items[7], proof) || verifyListProof(root, 200, undefined, proof),
    ),
    target(
      'list proof of absence',
      [joinNodes(proveListItem(items, 300))],
      (proof) => verifyListProof(root, 300, undefined, proof),
      (proof) => verifyListProof(root, 300, items[7], proof),
    ),
    target(
      'account proof',
      [joinNodes(proveSecureKey(accountEntries, hexToBytes(addressOf(33))))],
      (proof) => verifyAccountProof(stateRoot, addressOf(33), accounts[33]![1], proof),
      (proof) =>
        verifyAccountProof(stateRoot, addressOf(33), accounts[34]![1], proof) ||
        verifyAccountProof(stateRoot, addressOf(33), undefined, proof),
    ),
    target(
      'storage proof',
      [joinNodes(proveSecureKey(slotEntries, hexToBytes(hashOf(5))))],
      (proof) => verifyStorageProof(storageRoot, hashOf(5), 6n, proof),
      (proof) =>
        verifyStorageProof(storageRoot, hashOf(5), 7n, proof) ||
        verifyStorageProof(storageRoot, hashOf(5), 0n, proof),
    ),
    {
      name: 'trie node under its own hash',
      samples: proveListItem(items, 200),
      refusal: ChainError,
      allocates: true,
      run: (node) => {
        const own = bytesToHex(keccak256(node));
        const index = (node[3] ?? 0) + (node[5] ?? 0);
        const absent = verifyListProof(own, index, undefined, [node]);
        if (absent && verifyListProof(own, index, Uint8Array.of(1), [node]))
          throw new Error('present and absent');
        // A root of nodes without children proves absences: there is nothing to refuse.
        return undefined;
      },
    },
  ];
}

/** Input of precompiles and text, where different bytes may mean the same. */
function lossyTargets(): FuzzTarget[] {
  const caller = `0x${'11'.repeat(20)}` as const;
  const staking = { delegatorAddress: caller, validatorAddress: caller, amount: 5n };
  return [
    {
      name: 'staking call',
      samples: [
        encodeStakingCall({ type: 'delegate', ...staking }),
        encodeStakingCall({ type: 'undelegate', ...staking }),
        encodeStakingCall({ type: 'collect-rewards', delegatorAddress: caller }),
      ],
      refusal: ChainError,
      run: (bytes) => {
        const again = encodeStakingCall(decodeStakingCall(bytes, caller));
        // The node reads over 12 bytes before an address and what is behind the arguments.
        if (bytes.length < again.length) throw new Error('accepted less than it needs');
        return undefined;
      },
    },
    {
      name: 'transfer call',
      samples: [encodeTransferCall({ value: 9n, to: caller, toShardId: 1 })],
      refusal: ChainError,
      run: (bytes) => {
        const call = decodeTransferCall(bytes);
        const again = decodeTransferCall(encodeTransferCall(call));
        if (again.value !== call.value || again.to !== call.to) throw new Error('unstable');
        return undefined;
      },
    },
    codec(
      'text',
      (bytes) => bytesToText(bytes),
      (text) => textToBytes(text, 'text'),
      [
        utf8ToBytes('plain'),
        utf8ToBytes('b\u00fccher \u{1f600} \ufeff'),
        Uint8Array.of(0xff, 0x41),
      ],
    ),
  ];
}

/** Directives 0 to 4, by the messages of the staking transactions. */
function directiveTargets(staking: readonly Uint8Array[]): FuzzTarget[] {
  const directives = staking.map((bytes) => decodeStakingTransaction(bytes).directive);
  const types = ['create-validator', 'edit-validator', 'delegate', 'undelegate', 'collect-rewards'];
  return types.map((type, number) =>
    codec(
      `directive ${number}, ${type}`,
      (bytes) => decodeDirective(number, bytes),
      encodeDirective,
      directives.filter((directive) => directive.type === type).map(encodeDirective),
    ),
  );
}

/** All decoders. */
export function decoders(): readonly FuzzTarget[] {
  const transactions = rlpOf('transactions');
  const staking = rlpOf('staking-transactions');
  const shardState = genesisShardState(reference, referenceAccounts);
  const genesis = genesisBlock(reference, 0, { shardState });
  const full = {
    ...genesis,
    transactions: transactions.slice(0, 3).map(decodeTransaction),
    stakingTransactions: staking.slice(0, 2),
    uncles: [encodeHeader(emptyHeader(1))],
    incomingReceipts: [encodeCrossShardProof(PROOF)],
  };
  const { header: _, ...lists } = full;
  const sealed = {
    block: full,
    commitSignature: new Uint8Array(96).fill(3),
    commitBitmap: Uint8Array.of(7),
  };
  const receipt = {
    status: 'success',
    cumulativeGasUsed: 21000n,
    logsBloom: new Uint8Array(256),
    logs: [LOG],
  } as const;
  const stored = {
    ...receipt,
    transactionHash: hashOf(4),
    contractAddress: LOG.address,
    logs: [
      {
        ...LOG,
        blockNumber: 9n,
        transactionHash: hashOf(4),
        transactionIndex: 0,
        blockHash: hashOf(5),
        logIndex: 0,
      },
    ],
    gasUsed: 21000n,
    effectiveGasPrice: undefined,
  };
  const account = { nonce: 1n, balance: 2n, storageRoot: EMPTY_ROOT, codeHash: EMPTY_CODE_HASH };
  return [
    codec('tagged RLP', decodeTaggedRlp, encodeTaggedRlp, rlpOf('tagged-rlp')),
    codec('header', decodeHeader, encodeHeader, headerSamples()),
    codec('transaction', decodeTransaction, encodeTransaction, transactions),
    codec(
      'Ethereum transaction',
      (bytes) => decodeEthereumTransaction(bytes, 0),
      encodeEthereumTransaction,
      rlpOf('ethereum-transactions'),
    ),
    codec('staking transaction', decodeStakingTransaction, encodeStakingTransaction, staking),
    codec('body', decodeBody, encodeBody, [
      ...rlpOf('bodies'),
      encodeBody({ version: 2, ...lists }),
      encodeBody({ version: 1, ...lists, stakingTransactions: [] }),
    ]),
    codec('block', decodeBlock, encodeBlock, [
      ...rlpOf('blocks'),
      encodeBlock(genesis),
      encodeBlock(full),
    ]),
    codec('sealed block', decodeSealedBlock, encodeSealedBlock, [encodeSealedBlock(sealed)]),
    codec('receipt', decodeReceipt, encodeReceipt, [
      encodeReceipt(receipt),
      encodeReceipt({ ...receipt, status: { postState: hashOf(3) } }),
      encodeReceipt({ ...receipt, status: 'failure', logs: [] }),
    ]),
    codec('stored receipt', decodeStoredReceipt, encodeStoredReceipt, [
      encodeStoredReceipt(stored),
      encodeStoredReceipt({ ...stored, effectiveGasPrice: 5n }),
    ]),
    codec('account', decodeAccount, encodeAccount, [encodeAccount(account)]),
    codec('cross-link', decodeCrossLink, encodeCrossLink, rlpOf('cross-links')),
    codec(
      'cross-link heartbeat',
      decodeCrossLinkHeartbeat,
      encodeCrossLinkHeartbeat,
      rlpOf('cross-link-heartbeats'),
    ),
    listField('cross-links', decodeCrossLinks, encodeCrossLinks, [
      new Uint8Array(0),
      encodeCrossLinks(rlpOf('cross-links').map(decodeCrossLink)),
    ]),
    listField('slash records', (bytes) => decodeSlashRecords(bytes), encodeSlashRecords, [
      encodeSlashRecords([SLASH]),
    ]),
    listField(
      'slash records of version 2',
      (bytes) => decodeSlashRecords(bytes, 2),
      encodeSlashRecords,
      loadVectors<{ records: string }, object>(import.meta.url, 'slash-records-2')
        .filter(({ error }) => error === undefined)
        .map(({ in: given }) => hexToBytes(given.records)),
    ),
    codec(
      'cross-shard receipt',
      decodeCrossShardReceipt,
      encodeCrossShardReceipt,
      rlpOf('cross-shard-receipts'),
    ),
    codec('cross-shard receipts', decodeCrossShardReceipts, encodeCrossShardReceipts, [
      encodeCrossShardReceipts([]),
      encodeCrossShardReceipts(RECEIPTS),
    ]),
    codec(
      'merkle proof',
      decodeCrossShardMerkleProof,
      encodeCrossShardMerkleProof,
      rlpOf('cross-shard-merkle-proof'),
    ),
    codec('cross-shard proof', decodeCrossShardProof, encodeCrossShardProof, [
      encodeCrossShardProof(PROOF),
    ]),
    ...directiveTargets(staking),
    ...proofTargets(),
    ...lossyTargets(),
  ];
}
