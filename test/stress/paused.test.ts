import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'writes of processes that are stopped and continued settle truthfully',
  () => {
    const { status, report, stderr } = runScript('paused.mjs', '--seconds', '2');

    expect(status, `${stderr}${JSON.stringify(report, undefined, 2)}`).toBe(0);
    expect(report.acknowledged).toBeGreaterThan(0);
  },
  TIMEOUT,
);
