/** The IETF ciphersuite: native code where there is a build of it, otherwise plain JavaScript. */
import { type Bls, ietfBls } from '@polyphony/bls';
import { createBlstBls } from '@polyphony/bls/blst';

/** Both engines answer alike; the second takes some twenty-five times as long. */
export async function loadBls(): Promise<Bls> {
  const options = { cachedPublicKeys: 16, cachedMessages: 16, cachedSignatures: 64 };
  try {
    return await createBlstBls(options);
  } catch {
    return ietfBls(options);
  }
}
