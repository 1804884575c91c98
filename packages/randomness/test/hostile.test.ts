import { describe, test } from 'vitest';
import { decoders } from './support/decoders.js';
import { fuzz } from './support/fuzz.js';

describe('decoders refuse or give back what they were given', () => {
  test.each(decoders)('$name', (decoder) => fuzz(decoder, 1500, 20261129));
});
