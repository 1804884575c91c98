/** The deep run of hostile.test.ts: `EXECUTIONS=` inputs for each decoder (default 200,000). */
import { deepFuzz } from '@polyphony/testkit';
import { decoders } from './decoders.js';

deepFuzz('p2p', decoders());
