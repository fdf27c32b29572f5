import { describe, expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

/** Time in milliseconds in which a process must end. It is long, because a busy machine ends a process slowly. */
const DEADLINE = 10_000;

const WRITES = ['append', 'transaction', 'checkpoint', 'garbage'];
const FAILURES = ['exception', 'rejection', 'exit'];

describe.each(WRITES)('while a write (%s) is pending', (write) => {
  test.each(FAILURES)(
    'a process that fails (%s) during a write ends with the exit code of that failure, and blocks no other process',
    async (failure) => {
      const options = ['--write', write, '--failure', failure, '--deadline', String(DEADLINE)];
      const { status, report, stderr } = await runScript('failing.mjs', ...options);

      expect(status, `${stderr}${JSON.stringify(report, undefined, 2)}`).toBe(0);
    },
    TIMEOUT,
  );
});
