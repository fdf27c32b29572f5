import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'a process that blocks its event loop delays no appends of another process and takes no lease',
  async () => {
    // Less than the computation takes: appends that wait for it exceed that, and the flushes of a busy disk do not.
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
