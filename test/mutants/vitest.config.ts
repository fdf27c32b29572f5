import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../vitest.config.ts';

/** Configuration for the tests of one planted fault. The run ends at the first failed test, which detects the fault. */
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
