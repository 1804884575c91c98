/**
 * What the operators of the reference network do first: each registers its key with a stake of its
 * own, and a few delegators add to some of them, so that elections have something to decide.
 *
 * All of it is ordinary transactions over RPC, signed with the public test keys of genesis; the
 * faucet pays. Those already registered are left alone, so a restart does nothing.
 */
import { type Bls, provePossession } from '@polyphony/bls';
import type { Directive } from '@polyphony/chain/directive';
import type { Network } from '@polyphony/networks';
import { referenceTestFaucet, referenceTestKeys } from '@polyphony/networks/genesis/reference';
import {
  type Address,
  bytesToHex,
  hexToBytes,
  keccak256,
  parseDec,
  utf8ToBytes,
} from '@polyphony/primitives';
import { request } from '@polyphony/rpc';
import {
  type Account,
  accountFromSecretKey,
  type Client,
  createClient,
  http,
  parseOne,
  sendTransfer,
  waitForFinality,
} from '@polyphony/sdk';

/** Own stakes in ONE, by member: a few large ones and many small ones, as on real networks. */
const OWN_STAKES = [
  1_600_000, 900_000, 700_000, 500_000, 400_000, 350_000, 300_000, 280_000, 260_000, 240_000,
  220_000, 200_000, 180_000, 160_000, 140_000, 120_000,
] as const;

/** Delegations in ONE: delegator, member, amount. */
const DELEGATIONS = [
  [0, 0, 800_000],
  [0, 3, 200_000],
  [1, 1, 400_000],
  [1, 15, 50_000],
  [2, 2, 150_000],
  [2, 0, 300_000],
] as const;

const GAS_PRICE = 100_000_000_000n;
const CREATE_GAS = 5_400_000n;
const DELEGATE_GAS = 60_000n;
const WAIT = { timeoutMs: 120_000, pollMs: 250 };

/** What registering needs. */
export interface OperatorsOptions {
  readonly network: Network;
  readonly bls: Bls;
  /** RPC of the beacon shard. */
  readonly httpUrl: string;
  isValidator(address: Address): boolean;
  onNote(text: string): void;
}

const one = (amount: number): bigint => parseOne(String(amount));

/** Account of one of the delegators; its key is as public as those of genesis. */
function delegatorAccount(index: number): Account {
  const label = `polyphony reference network, delegator ${index}`;
  return accountFromSecretKey(keccak256(utf8ToBytes(label)));
}

/** Registers every member that is no validator yet, and makes the delegations. */
export async function registerOperators(options: OperatorsOptions): Promise<void> {
  const { network, bls } = options;
  const members = referenceTestKeys()
    .map((member, index) => ({ ...member, index, stake: one(OWN_STAKES[index]!) }))
    .filter(({ address }) => !options.isValidator(address));
  if (members.length === 0) return;
  const client = createClient({ network, shards: { 0: http(options.httpUrl) } });
  try {
    await fund(client, members);
    for (const member of members) {
      const account = accountFromSecretKey(hexToBytes(member.secretKey));
      const secretKey = hexToBytes(member.blsSecretKey);
      await send(client, account, CREATE_GAS, 0n, {
        type: 'create-validator',
        validatorAddress: account.address,
        description: {
          name: `Operator ${member.index}`,
          identity: `operator-${member.index}`,
          website: '',
          securityContact: '',
          details: '',
        },
        commissionRates: {
          rate: parseDec('0.1'),
          maxRate: parseDec('0.5'),
          maxChangeRate: parseDec('0.05'),
        },
        minSelfDelegation: one(10_000),
        maxTotalDelegation: one(10_000_000),
        slotPublicKeys: [hexToBytes(member.blsPublicKey)],
        slotKeySignatures: [provePossession(bls, secretKey, account.address)],
        amount: member.stake,
      });
    }
    await untilRegistered(
      client,
      members.map(({ address }) => address),
      options,
    );
    options.onNote(
      `${members.length} validators are registered; they are elected at the end of epoch 1`,
    );
    await delegateAll(client);
  } finally {
    client.close();
  }
}

/** One transfer from the faucet to each member and delegator; waits for the last. */
async function fund(
  client: Client,
  members: readonly { readonly address: Address; readonly stake: bigint }[],
): Promise<void> {
  const faucet = accountFromSecretKey(hexToBytes(referenceTestFaucet.secretKey));
  const delegators = [...new Set(DELEGATIONS.map(([delegator]) => delegator))].map((delegator) => {
    const sum = DELEGATIONS.filter(([from]) => from === delegator).reduce(
      (total, [, , amount]) => total + one(amount),
      0n,
    );
    return { address: delegatorAccount(delegator).address, stake: sum };
  });
  const reserve = one(1_000);
  let hash: `0x${string}` | undefined;
  for (const { address, stake } of [...members, ...delegators]) {
    const sent = await sendTransfer(client, faucet, {
      to: address,
      value: stake + reserve,
      gasPrice: GAS_PRICE,
    });
    hash = sent.hash;
  }
  if (hash !== undefined) await waitForFinality(client, hash, WAIT);
}

async function send(
  client: Client,
  account: Account,
  gasLimit: bigint,
  nonce: bigint,
  directive: Directive,
): Promise<void> {
  const { raw } = account.signStakingTransaction(
    { directive, nonce, gasPrice: GAS_PRICE, gasLimit },
    { chainId: client.network.chainId },
  );
  await request(client.shard(0), 'hmyv2_sendRawStakingTransaction', [bytesToHex(raw)]);
}

async function untilRegistered(
  client: Client,
  addresses: readonly Address[],
  options: OperatorsOptions,
): Promise<void> {
  const deadline = client.clock.now() + WAIT.timeoutMs;
  while (!addresses.every((address) => options.isValidator(address))) {
    if (client.clock.now() > deadline)
      throw new Error('not all validators were registered in time');
    await client.clock.sleep(WAIT.pollMs);
  }
}

async function delegateAll(client: Client): Promise<void> {
  const members = referenceTestKeys();
  const nonces = new Map<number, bigint>();
  for (const [delegator, member, amount] of DELEGATIONS) {
    const account = delegatorAccount(delegator);
    const nonce = nonces.get(delegator) ?? 0n;
    nonces.set(delegator, nonce + 1n);
    await send(client, account, DELEGATE_GAS, nonce, {
      type: 'delegate',
      delegatorAddress: account.address,
      validatorAddress: members[member]!.address,
      amount: one(amount),
    });
  }
}
