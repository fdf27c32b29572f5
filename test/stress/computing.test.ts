import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'a process that blocks its event loop does not delay appends or take the lease of another process',
  async () => {
    // The latency limit of 6 s is lower than the 8 s of the computation. An append that waits for the computation exceeds
    // the limit, and an append that only waits for a busy disk does not.
    const { status, report, stderr } = await runScript(
      'computing.mjs',
      '--seconds',
      '8',
      '--latency',
      '6000',
    );

    expect(status, `${stderr}${JSON.stringify(report, undefined, 2)}`).toBe(0);
  },
  TIMEOUT,
);
