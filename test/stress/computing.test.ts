import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'a process that blocks its event loop delays no appends of another process and takes no lease',
  async () => {
    // Half of the computation: appends that wait for it exceed that, and a busy machine does not.
    const { status, report, stderr } = await runScript(
      'computing.mjs',
      '--seconds',
      '4',
      '--latency',
      '2000',
    );

    expect(status, `${stderr}${JSON.stringify(report, undefined, 2)}`).toBe(0);
  },
  TIMEOUT,
);
