/** The thread's side: takes jobs, answers them in order. Loaded by `thread.ts` only. */
import { bytesToPlainHex } from '@polyphony/primitives';
import { type Bls, PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from '../bls.js';
import { BlsError } from '../errors.js';
import { type ParentPort, workerThreads } from './node-threads.js';
import type { ThreadJob, ThreadReply, ThreadValue } from './protocol.js';

type Open = ThreadJob & { readonly type: 'open' };

async function openEngine({ engine, suite, options }: Open): Promise<Bls> {
  if (engine === 'blst') return (await import('../blst.js')).createBlstBls(options);
  if (engine === 'mcl-wasm')
    return (await import('../wasm.js')).createWasmBls({ ...options, suite });
  if (suite === 'ietf') return (await import('../ietf.js')).ietfBls(options);
  return (await import('../harmony.js')).harmonyBls(options);
}

/** Cuts a list of values of one length apart. */
function split(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: bytes.length / length }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );
}

/** Does jobs one at a time, with the engine and the keys it was given. */
function createRunner(): (job: ThreadJob) => Promise<ThreadValue> {
  let opening: Promise<Bls> | undefined;
  const secretKeys = new Map<string, Uint8Array>();
  return async (job) => {
    if (job.type === 'open') {
      opening = openEngine(job);
      await opening;
      return undefined;
    }
    const bls = await opening!;
    switch (job.type) {
      case 'hold-key': {
        const publicKey = bls.getPublicKey(job.secretKey);
        secretKeys.set(bytesToPlainHex(publicKey), job.secretKey);
        return publicKey;
      }
      case 'sign': {
        const secretKey = secretKeys.get(bytesToPlainHex(job.publicKey));
        if (secretKey !== undefined) return bls.sign(job.message, secretKey);
        throw new BlsError({
          code: 'bls/out-of-range',
          what: 'public key',
          reason: 'is not of a secret key that the thread holds',
        });
      }
      case 'find-invalid': {
        const signatures = split(job.signatures, SIGNATURE_LENGTH);
        const entries = split(job.publicKeys, PUBLIC_KEY_LENGTH).map((publicKey, i) => ({
          publicKey,
          signature: signatures[i]!,
        }));
        return bls.findInvalid(job.message, entries, job.weights);
      }
      case 'aggregate-signatures':
        return bls.aggregateSignatures(split(job.signatures, SIGNATURE_LENGTH));
    }
  };
}

/** Answers lists of jobs in the order they come. */
function serve(port: ParentPort): void {
  const run = createRunner();
  const answer = async (job: ThreadJob): Promise<ThreadReply> => {
    try {
      return { type: 'done', value: await run(job) };
    } catch (error) {
      return error instanceof BlsError
        ? { type: 'refused', details: error.details }
        : { type: 'failed', reason: String(error) };
    }
  };
  let last: Promise<void> = Promise.resolve();
  port.on('message', (jobs) => {
    last = last.then(async () => {
      const replies: ThreadReply[] = [];
      for (const job of jobs as readonly ThreadJob[]) replies.push(await answer(job));
      port.postMessage(replies);
    });
  });
}

const { parentPort } = workerThreads();
if (parentPort !== null) serve(parentPort);
