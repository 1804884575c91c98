/**
 * The deep run of hostile.test.ts: `EXECUTIONS=` inputs for each decoder (default 200,000), a tenth
 * where each input ends in the check of a seal. The decoders below them have their own run in `chain`.
 */
import { deepFuzz } from '@polyphony/testkit';
import { decoders } from './decoders.js';

const sealed = decoders().filter(({ name }) => name.includes('seal'));
const plain = decoders().filter(({ name }) => !name.includes('seal'));

deepFuzz('light-client', plain);
deepFuzz('light-client, under a seal', sealed, { share: 10 });
