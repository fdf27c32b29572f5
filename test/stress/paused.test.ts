import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'a process that is suspended and resumed reports each write correctly as stored or not stored',
  async () => {
    const { status, report, stderr } = await runScript('paused.mjs', '--seconds', '2');

    expect(status, `${stderr}${JSON.stringify(report, undefined, 2)}`).toBe(0);
    expect(report.acknowledged).toBeGreaterThan(0);
  },
  TIMEOUT,
);
