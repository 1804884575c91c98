/**
 * The names of the rules that a network switches on at an epoch, and the question whether one is on.
 *
 * A rule is on from its own epoch. Rules that were bundled into the Bloom release are on from their
 * own epoch or from Bloom's, whichever comes first. What a rule does is decided elsewhere; which
 * epoch to ask (of the header, of the source block, of the evidence) is the caller's rule.
 *
 * @source harmony/internal/params/config.go
 */

/** Every activation, in the order of the node's configuration; see {@link Activation}. */
export const ACTIVATIONS = [
  // Rules of the 2025 release and before.
  'ethCompatible', // chain ids and addresses that Ethereum wallets understand
  'crossTx', // cross-shard transactions; accepted from the epoch after this one
  'crossLink', // beacon headers carry links to the blocks of the other shards
  'aggregatedReward', // rewards are paid once per period instead of every block
  'staking', // elected committees, 48-byte commit payload, staking form of the shard state
  'preStaking', // staking directives are admitted and the first election is held
  'quickUnlock',
  'fiveSeconds', // reward table only
  'twoSeconds', // 2 s blocks
  'sixtyPercent', // Harmony's vote share 0.60
  'redelegation',
  'noEarlyUnlock',
  'vrf', // every header carries a VRF value and proof
  'prevVrf', // contracts may read the VRF value of earlier blocks
  'minDelegation100',
  'minCommissionRate',
  'eposBound35', // effective stake within 35 % of the median
  'eip155', // replay protection by chain id
  's3', // Byzantium-like EVM rules; receipts carry a status instead of a state root
  'dataCopyFix',
  'istanbul',
  'receiptLog', // receipts carry logs
  'sha3', // SHA3-256 and public-key recovery precompiles
  'hip6And8',
  'stakingPrecompile',
  'chainIdFix', // the CHAINID opcode gives the Ethereum-compatible id
  'slotsLimited', // HIP-16: a validator holds a limited number of slots per shard
  'crossShardXferPrecompile',
  'allowlist', // HIP-18
  'leaderRotationInternal', // the leader changes within an epoch, Harmony's slots only
  'leaderRotationExternal', // elected slots may lead as well
  'leaderRotationV2', // total and bounded search for the next operator
  'feeCollect',
  'validatorCodeFix', // validator records and contract code are stored apart
  'hip30', // two shards, a quarter of the emission to a recovery account
  'devnetExternal', // no Harmony slots on the partner network
  'testnetExternal', // no Harmony slots on testnet
  'blockGas30M', // block gas floor 30 million instead of 80 million
  'maxRate',
  'topMaxRate',
  'hip32',
  'oneSecond', // 1 s blocks
  // Rules after the 2025 release.
  'bloom', // the umbrella: see BLOOM_BUNDLE
  'timestampValidation',
  'duplicateCrossLink', // a beacon header must not list one cross-link twice
  'rejectShard0CrossLink',
  'shardStateValidation',
  'cxMerkleProofReplayFix', // receipt proofs are bound to number and shard of their source header
  'cxReceiptStateRollback', // a reverted frame drops its cross-shard receipt
  'validatorWrapperAddressBind',
  'blsProofBind', // proofs of possession are bound to the validator's address
  'slashExternalStakeDenomFix',
  'rejectDuplicateSlashEvidence',
  'slashGroupOrderFix',
  'slashBallotSignerFix',
  'verifyBeaconHeaderSlash',
  'eip1153TransientStorage',
  'eip7939Clz',
  'eip5656Mcopy',
  'eip3855', // PUSH0
  'eip3860', // initcode limit and gas
  'eip6780', // SELFDESTRUCT only in the creating transaction
  'eip8024', // DUPN, SWAPN, EXCHANGE
  'eip2537Precompile', // BLS12-381 precompiles
  'strictStateValidation', // closes the holes found in August 2026
  'leaderLivenessRotation', // a view change skips members that signed none of the last blocks
  'doubleSignSlash',
  'downtimeSlash',
  'prague', // EIP-2935
] as const;

/** The name of a rule that a network switches on at an epoch. */
export type Activation = (typeof ACTIVATIONS)[number];

/** Activation epochs by name; `undefined` is never. */
export type Activations = Readonly<Record<Activation, bigint | undefined>>;

/**
 * The rules that Bloom brings along: active from the earlier of their own epoch and Bloom's.
 *
 * @source harmony/internal/params/config.go: isBloomFeatureActive
 */
export const BLOOM_BUNDLE: ReadonlySet<Activation> = new Set<Activation>([
  'timestampValidation',
  'leaderRotationV2',
  'duplicateCrossLink',
  'rejectShard0CrossLink',
  'shardStateValidation',
  'cxMerkleProofReplayFix',
  'cxReceiptStateRollback',
  'allowlist',
  'validatorWrapperAddressBind',
  'blsProofBind',
  'slashExternalStakeDenomFix',
  'rejectDuplicateSlashEvidence',
  'slashGroupOrderFix',
  'slashBallotSignerFix',
  'verifyBeaconHeaderSlash',
  'eip1153TransientStorage',
  'eip7939Clz',
  'eip5656Mcopy',
  'eip3855',
  'eip3860',
  'eip6780',
  'eip8024',
  'eip2537Precompile',
]);

/**
 * The first epoch in which a rule is active, after the Bloom rule; `undefined` when it never is.
 *
 * @source harmony/internal/params/config.go: earliestActivation
 * @example activationEpoch(testnet, 'leaderRotationV2')  // 7414n: Bloom is earlier than its own 7420
 */
export function activationEpoch(
  network: { readonly activations: Activations },
  activation: Activation,
): bigint | undefined {
  const own = network.activations[activation];
  if (!BLOOM_BUNDLE.has(activation)) return own;
  const { bloom } = network.activations;
  if (own === undefined) return bloom;
  return bloom !== undefined && bloom < own ? bloom : own;
}

/**
 * Whether a rule is active in an epoch.
 *
 * @param epoch - The epoch that the rule names: usually the header's own, for receipt proofs that of
 * the source header, for slashing that of the evidence.
 * @source harmony/internal/params/config.go: isForked, isBloomFeatureActive
 * @example isActive(mainnet, 'staking', 186n)  // true
 */
export function isActive(
  network: { readonly activations: Activations },
  activation: Activation,
  epoch: bigint,
): boolean {
  const from = activationEpoch(network, activation);
  return from !== undefined && epoch >= from;
}
