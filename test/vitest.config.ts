import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^rx-watcher$/, replacement: `${root}src/index.ts` },
      { find: /^rx-watcher\/(.+)$/, replacement: `${root}src/$1.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'docs/examples/**/*.test.ts'],
    allowOnly: false,
    pool: 'forks', // lmdb is a native module
    testTimeout: 30_000,
    hookTimeout: 30_000,
    silent: 'passed-only',
    reporters: ['default', './test/reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'html'],
      reportsDirectory: 'coverage',
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
