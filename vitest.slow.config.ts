import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.js';

// The suites that take minutes: `pnpm test:slow`.
export default mergeConfig(
  { ...base, test: { ...base.test, include: [], exclude: ['**/node_modules/**'] } },
  defineConfig({
    test: {
      include: ['{packages,examples,tools}/*/test/**/*.slow.test.ts'],
      testTimeout: 600_000,
      passWithNoTests: true,
    },
  }),
);
