import { defineConfig } from 'vitest/config';

/** Configuration of the conformance suite, which `conformance.test.ts` runs in a separate process. */
export default defineConfig({
  test: { include: ['suite.ts'], pool: 'forks', testTimeout: 20_000 },
});
