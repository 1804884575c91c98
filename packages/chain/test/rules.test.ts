import { localnet, mainnet, reference, testnet } from '@polyphony/networks';
import type { Dec } from '@polyphony/primitives';
import { parseDec, ZERO_ADDRESS } from '@polyphony/primitives';
import { loadVectors } from '@polyphony/testkit';
import { describe, expect, test } from 'vitest';
import {
  assertStakingSigner,
  assertValidDirective,
  bloomMayContain,
  type ChainError,
  type CreateValidator,
  computeBloom,
  computeGasLimit,
  computeIntrinsicGas,
  crossLinkOf,
  type Directive,
  type EditValidator,
  gasBoundsAt,
  headerVersionAt,
  intrinsicGasRules,
  mergeBlooms,
  splitFee,
} from '../src/index.js';
import { type HeaderFields, hashOf, headerOf } from './support.js';

describe('header version', () => {
  test.each([
    [mainnet, 0n, 0],
    [mainnet, 27n, 0],
    [mainnet, 28n, 1],
    [mainnet, 184n, 1],
    [mainnet, 185n, 3],
    [mainnet, 2152n, 3],
    [testnet, 0n, 1],
    [testnet, 1n, 3],
    [localnet, 0n, 3],
    [reference, 0n, 3],
  ])('%#: epoch %s', (network, epoch, version) => {
    expect(headerVersionAt(network, epoch)).toBe(version);
  });

  test('version 2 only where cross-links come before pre-staking', () => {
    const network = { ...mainnet, activations: { ...mainnet.activations, crossLink: 100n } };
    expect(headerVersionAt(network, 99n)).toBe(1);
    expect(headerVersionAt(network, 100n)).toBe(2);
    expect(headerVersionAt(network, 185n)).toBe(3);
  });
});

describe('intrinsic gas', () => {
  const data = Uint8Array.of(0, 1, 0, 2);
  test.each([
    ['call', 27n, 21_000n + 8n + 136n],
    ['contract-creation', 27n, 21_000n + 8n + 136n],
    ['contract-creation', 28n, 53_000n + 8n + 136n],
    ['call', 313n, 21_000n + 8n + 136n],
    ['call', 314n, 21_000n + 8n + 32n],
    ['create-validator', 314n, 5_300_000n + 8n + 32n],
  ] as const)('%s at mainnet epoch %s', (kind, epoch, gas) => {
    expect(computeIntrinsicGas({ kind, data }, intrinsicGasRules(mainnet, epoch))).toBe(gas);
  });
});

describe('block gas limit', () => {
  const bounds = gasBoundsAt(mainnet, 1673n);
  test.each([
    ['grows to the floor at once when it is near', 29_999_000n, 0n, 30_000_000n],
    ['shrinks slowly above the ceiling', 130_000_000n, 0n, 130_000_000n - 126_952n],
    [
      'moves with use between the bounds',
      60_000_000n,
      60_000_000n,
      60_000_000n - 58_592n + 87_890n,
    ],
    ['stays at the ceiling', 120_000_000n, 120_000_000n, 120_000_000n],
  ])('%s', (_name, gasLimit, gasUsed, expected) => {
    expect(computeGasLimit({ gasLimit, gasUsed }, bounds)).toBe(expected);
  });
});

describe('fee split', () => {
  test('without collectors everything is burnt', () => {
    expect(splitFee(100n, [])).toEqual({ payments: [], burnt: 100n });
  });

  test('shares above one are refused', () => {
    const collector = { address: ZERO_ADDRESS, share: parseDec('0.6') };
    expect(() => splitFee(100n, [collector, collector])).toThrow(/must not be above one/);
  });
});

describe('bloom', () => {
  const log = { address: ZERO_ADDRESS, topics: [hashOf(1)] };
  test('contains the address and the topics of its logs', () => {
    const bloom = computeBloom([log]);
    expect(bloomMayContain(bloom, log.address)).toBe(true);
    expect(bloomMayContain(bloom, hashOf(1))).toBe(true);
    expect(bloomMayContain(bloom, hashOf(2))).toBe(false);
    expect(bloomMayContain(new Uint8Array(1), hashOf(1))).toBe(false);
    expect(mergeBlooms([bloom, computeBloom([])])).toEqual(bloom);
    expect(() => mergeBlooms([new Uint8Array(255)])).toThrow(/must be 256 bytes/);
  });
});

describe('links', () => {
  test('are made from a block and its child: mainnet 1753086 and 1753087', () => {
    const headers = loadVectors<{ version: number; fields: HeaderFields }, { hash: string }>(
      import.meta.url,
      'headers',
    );
    const find = (name: string) => headers.find((entry) => entry.name === name)!;
    const [first, second] = [
      find('header-mainnet-v1-1753086'),
      find('header-mainnet-v1-1753087'),
    ].map((entry) => headerOf(entry.in.version, entry.in.fields));
    expect(crossLinkOf(first!, second!)).toEqual({
      blockHash: find('header-mainnet-v1-1753086').out!.hash,
      blockNumber: 1753086n,
      viewId: 1753134n,
      signature: second!.lastCommitSignature,
      bitmap: second!.lastCommitBitmap,
      shardId: 0,
      epoch: 86n,
    });
    expect(() => crossLinkOf(second!, first!)).toThrow(/does not follow/);
  });
});

const ONE = 10n ** 18n;
const DESCRIPTION = {
  name: 'Alice',
  identity: 'alice',
  website: 'alice.example',
  securityContact: 'Bob',
  details: 'none',
};
const CREATE: CreateValidator = {
  type: 'create-validator',
  validatorAddress: ZERO_ADDRESS,
  description: DESCRIPTION,
  commissionRates: {
    rate: parseDec('0.1'),
    maxRate: parseDec('0.9'),
    maxChangeRate: parseDec('0.05'),
  },
  minSelfDelegation: 10_000n * ONE,
  maxTotalDelegation: 30_000n * ONE,
  slotPublicKeys: [new Uint8Array(48)],
  slotKeySignatures: [new Uint8Array(96)],
  amount: 10_000n * ONE,
};
const EDIT: EditValidator = {
  type: 'edit-validator',
  validatorAddress: ZERO_ADDRESS,
  description: DESCRIPTION,
  commissionRate: undefined,
  minSelfDelegation: undefined,
  maxTotalDelegation: undefined,
  slotKeyToRemove: undefined,
  slotKeyToAdd: undefined,
  slotKeyToAddSignature: undefined,
  eligibility: 0,
};

describe('field rules of directives', () => {
  const keys = (count: number, distinct = true): Uint8Array[] =>
    Array.from({ length: count }, (_, i) => new Uint8Array(48).fill(distinct ? i : 0));
  const described = (field: string, text: string): Directive => ({
    ...CREATE,
    description: { ...DESCRIPTION, [field]: text },
  });
  const rated = (rates: object): Directive => ({
    ...CREATE,
    commissionRates: { ...CREATE.commissionRates, ...rates },
  });
  const sized = (count: number, distinct?: boolean): Directive => ({
    ...CREATE,
    slotPublicKeys: keys(count, distinct),
    slotKeySignatures: Array.from({ length: count }, () => new Uint8Array(96)),
  });

  test.each<[string, Directive]>([
    ['a plain one', CREATE],
    ['an empty edit', EDIT],
    ['140 bytes of name', described('name', 'x'.repeat(140))],
    ['280 bytes of details', described('details', 'x'.repeat(280))],
    ['106 keys', sized(106)],
    ['rates of 0', rated({ rate: 0n as Dec, maxRate: 0n as Dec, maxChangeRate: 0n as Dec })],
    ['rates of 1', rated({ rate: ONE as Dec, maxRate: ONE as Dec, maxChangeRate: ONE as Dec })],
    [
      'delegating nothing',
      {
        type: 'delegate',
        delegatorAddress: ZERO_ADDRESS,
        validatorAddress: ZERO_ADDRESS,
        amount: 0n,
      },
    ],
  ])('%s is accepted', (_name, directive) => {
    expect(() => assertValidDirective(directive)).not.toThrow();
  });

  test.each<[string, Directive]>([
    ['exceed maximum name length', described('name', 'x'.repeat(141))],
    ['exceed maximum name length', described('name', 'é'.repeat(71))],
    ['exceed Maximum Length identity', described('identity', 'x'.repeat(141))],
    ['exceed Maximum Length website', described('website', 'x'.repeat(141))],
    ['exceed Maximum Length', described('securityContact', 'x'.repeat(141))],
    ['exceed Maximum Length for details', described('details', 'x'.repeat(281))],
    ['need at least one slot key', sized(0)],
    ['more slot keys provided than allowed', sized(107)],
    ['slot keys can not have duplicates', sized(2, false)],
    [
      'min_self_delegation must be greater than or equal to 10,000 ONE',
      { ...CREATE, minSelfDelegation: 10_000n * ONE - 1n },
    ],
    [
      'max_total_delegation can not be less than min_self_delegation',
      { ...CREATE, maxTotalDelegation: 10_000n * ONE - 1n },
    ],
    [
      'commission rate, change rate and max rate should be a value ranging from 0.0 to 1.0',
      rated({ maxRate: (ONE + 1n) as Dec }),
    ],
    [
      'commission rate and change rate can not be larger than max commission rate',
      rated({ rate: parseDec('0.91') }),
    ],
    [
      'commission rate and change rate can not be larger than max commission rate',
      rated({ maxChangeRate: parseDec('0.91') }),
    ],
    [
      'bls keys and corresponding signatures could not be verified',
      { ...CREATE, slotKeySignatures: [] },
    ],
    [
      'bls keys and corresponding signatures could not be verified',
      { ...EDIT, slotKeyToAdd: new Uint8Array(48) },
    ],
    [
      'exceed maximum name length',
      { ...EDIT, description: { ...DESCRIPTION, name: 'x'.repeat(141) } },
    ],
    [
      'invalid amount, must be positive',
      {
        type: 'undelegate',
        delegatorAddress: ZERO_ADDRESS,
        validatorAddress: ZERO_ADDRESS,
        amount: 0n,
      },
    ],
  ])('%s', (text, directive) => {
    const run = (): void => assertValidDirective(directive);
    expect(run).toThrow(
      expect.objectContaining({ code: 'chain/invalid-directive' } as Partial<ChainError>),
    );
    try {
      run();
    } catch (error) {
      expect((error as Error).message.startsWith(text)).toBe(true);
    }
  });

  test('the order of the checks is the one of the node', () => {
    const all = {
      ...sized(107, false),
      minSelfDelegation: 0n,
      maxTotalDelegation: 0n,
      description: { ...DESCRIPTION, name: 'x'.repeat(141) },
    } as CreateValidator;
    expect(() => assertValidDirective(all)).toThrow(/maximum name length/);
    const named = { ...all, description: DESCRIPTION };
    expect(() => assertValidDirective(named)).toThrow(/more slot keys/);
    const fewer = { ...named, slotPublicKeys: keys(2, false) };
    expect(() => assertValidDirective(fewer)).toThrow(/min_self_delegation must/);
  });

  test('the signer is the account that the directive names', () => {
    expect(() => assertStakingSigner(EDIT, ZERO_ADDRESS)).not.toThrow();
    expect(() => assertStakingSigner(EDIT, '0x1111111111111111111111111111111111111111')).toThrow(
      /invalid signer for staking transaction/,
    );
  });
});
