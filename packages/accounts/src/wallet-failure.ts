/**
 * What a wallet throws, in this package's words. Wallets throw plain objects and errors alike, and
 * some put the code that matters inside another error.
 *
 * @source EIP-1193, section "Provider Errors"; EIP-1474, section "Error codes"; EIP-3326
 */
import { AccountsError } from './errors.js';

/** Longest text of a wallet that is passed on. */
const MAX_TEXT = 200;

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** The code of the innermost error that has one, looking at the places wallets use. */
function codeOf(thrown: unknown): number | undefined {
  const inner = memberOf(memberOf(thrown, 'data'), 'originalError');
  for (const place of [inner, thrown]) {
    const code = memberOf(place, 'code');
    if (typeof code === 'number' && Number.isSafeInteger(code)) return code;
  }
  return undefined;
}

/**
 * The error for what a wallet threw.
 *
 * @param method - The request that failed.
 * @param chainId - The chain that was meant.
 * @internal
 */
export function failureOf(thrown: unknown, method: string, chainId: bigint): AccountsError {
  const options = { cause: thrown };
  const code = codeOf(thrown);
  switch (code) {
    case 4001:
      return new AccountsError({ code: 'accounts/rejected-by-user', signer: 'wallet' }, options);
    case 4100:
    case 4900:
    case 4901: {
      const reason = code === 4100 ? 'unauthorized' : 'disconnected';
      return new AccountsError(
        { code: 'accounts/signer-unavailable', signer: 'wallet', reason },
        options,
      );
    }
    case 4200:
    case -32601:
      return new AccountsError(
        { code: 'accounts/unsupported-by-signer', signer: 'wallet', what: method },
        options,
      );
    case 4902:
      return new AccountsError({ code: 'accounts/unknown-chain', chainId }, options);
    default: {
      const text = memberOf(thrown, 'message');
      return new AccountsError(
        {
          code: 'accounts/signer-failed',
          signer: 'wallet',
          status: code,
          reason: typeof text === 'string' ? text.slice(0, MAX_TEXT) : `${method} failed`,
        },
        options,
      );
    }
  }
}
