import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Tests of what knows no disk and starts no process. */
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
          // Nothing here outlives its test, so that a worker need not begin anew for each file.
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
    pool: 'forks', // lmdb is a native module
    maxWorkers: 2,
    // Only for what hangs: a disk that is busy with something else makes a test of many files take half a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
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
