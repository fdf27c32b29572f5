import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../vitest.config.ts';

/** Configuration that stops at the first failure. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      bail: 1,
      testTimeout: 5000,
      hookTimeout: 5000,
      setupFiles: [fileURLToPath(new URL('note-test.ts', import.meta.url))],
    },
  }),
);
