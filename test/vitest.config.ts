import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests without a disk or another process. */
const IN_MEMORY = [
  'test/*.test.ts',
  'test/{event,handling,operators,scheduling,store,testing,validation,watcher}/**/*.test.ts',
  'test/model/watcher/*.test.ts',
];

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^rx-watcher$/, replacement: `${root}src/index.ts` },
      { find: /^rx-watcher\/(.+)$/, replacement: `${root}src/$1.ts` },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: IN_MEMORY,
          // These tests leave no state, so all files can share a worker.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/**/*.test.ts', 'docs/examples/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...IN_MEMORY],
        },
      },
    ],
    allowOnly: false,
    pool: 'forks', // threads would share one instance of the native module lmdb
    maxWorkers: 2,
    // The slowest tests take half a minute on a busy disk, so only a test that hangs exceeds this limit.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    silent: 'passed-only',
    reporters: ['default', './test/reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The command is tested in its own processes and the page in a browser, which are not measured.
      exclude: ['src/cli/**', 'src/inspector/page/**'],
      reporter: ['text', 'html'],
      reportsDirectory: 'coverage',
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
