/**
 * One thread that evaluates delays for all hosts of this process: they all need the same ones.
 */
import { bytesToHex } from '@polyphony/primitives';
import { startVdfWorker } from '@polyphony/randomness/vdf-worker';
import type { DelayService } from '@polyphony/reference-node';

/** A shared service; `close` ends its thread. */
export interface SharedDelays extends DelayService {
  close(): Promise<void>;
}

/** Answers that are remembered: an epoch has one delay. */
const REMEMBERED = 4;

/** Remembers the answers to the last questions, by name. */
function remember<T>(): (name: string, ask: () => Promise<T>) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (name, ask) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask();
    answers.set(name, answer);
    if (answers.size > REMEMBERED) answers.delete(answers.keys().next().value!);
    return answer;
  };
}

/** This program runs from sources, and so does its thread, which inherits no loader. */
const loader = new URL('../../../scripts/typescript-thread.mjs', import.meta.url).href;
const execArgv = ['--import', loader, '--conditions=@polyphony/source'];

/** A thread for all; it starts with the first question. */
export function sharedDelays(): SharedDelays {
  const worker = startVdfWorker({ execArgv });
  const discriminant = remember<bigint>();
  const result = remember<Uint8Array>();

  const deriveDiscriminant: DelayService['deriveDiscriminant'] = (seed, bits) =>
    discriminant(`${bytesToHex(seed)}/${bits}`, () => worker.deriveDiscriminant(seed, bits));

  return {
    deriveDiscriminant,
    evaluate(input) {
      const { seed, iterations, discriminantBits } = input;
      const name = `${bytesToHex(seed)}/${iterations}/${discriminantBits}`;
      return result(name, async () =>
        worker.evaluate(input, {
          ...(discriminantBits === undefined
            ? {}
            : { discriminant: await deriveDiscriminant(seed, discriminantBits) }),
        }),
      );
    },
    close: () => worker.close(),
  };
}
