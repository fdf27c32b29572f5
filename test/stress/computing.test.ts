import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'a process that blocks its event loop does not delay appends or take the lease of another process',
  async () => {
    // The latency limit of 6 s is below the 8 s of the computation. An append exceeds the limit if it
    // waits for the computation, but not if it only waits for a busy disk.
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
