/** The thread's side: takes a job, answers, takes the next. Loaded by `vdf-worker.ts` only. */
import { RandomnessError } from '../errors.js';
import { deriveDiscriminant } from '../vdf/discriminant.js';
import { evaluateVdf } from '../vdf/evaluate.js';
import { verifyVdf } from '../vdf/verify.js';
import { workerThreads } from './node-threads.js';
import type { VdfJob, VdfReply, VdfValue } from './protocol.js';

async function run(job: VdfJob, reply: (message: VdfReply) => void): Promise<VdfValue> {
  if (job.type === 'derive-discriminant') return deriveDiscriminant(job.seed, job.bits);
  const { input, discriminant } = job;
  const known = discriminant === undefined ? {} : { discriminant };
  if (job.type === 'verify') return verifyVdf(input, job.result, known);
  const stop = new Int32Array(job.stop);
  // An optional peer: loaded only where it was asked for.
  const arithmetic =
    job.arithmetic === 'gmp'
      ? { arithmetic: await (await import('../vdf/gmp.js')).gmpArithmetic() }
      : {};
  return evaluateVdf(input, {
    ...known,
    ...arithmetic,
    ...(job.checkpoint === undefined ? {} : { checkpoint: job.checkpoint }),
    ...(job.checkpointEvery === undefined ? {} : { checkpointEvery: job.checkpointEvery }),
    ...(job.wantsProgress
      ? { onProgress: (progress) => reply({ type: 'progress', progress }) }
      : {}),
    signal: {
      get aborted() {
        return Atomics.load(stop, 0) === 1;
      },
    },
  });
}

const port = workerThreads().parentPort;
port?.on('message', async (message) => {
  const reply = (answer: VdfReply): void => port.postMessage(answer);
  try {
    reply({ type: 'done', value: await run(message as VdfJob, reply) });
  } catch (error) {
    reply(
      error instanceof RandomnessError
        ? { type: 'refused', details: error.details }
        : { type: 'failed', reason: String(error) },
    );
  }
});
