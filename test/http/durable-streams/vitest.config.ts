import { defineConfig } from 'vitest/config';

/** Configuration of the conformance suite, which a test runs in a process of its own. */
export default defineConfig({
  test: { include: ['suite.ts'], pool: 'forks', testTimeout: 20_000 },
});
