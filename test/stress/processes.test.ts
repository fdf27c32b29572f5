import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'no acknowledged write is lost while processes open, use and close one file',
  async () => {
    const options = ['--minutes', '0.12', '--seed', '1', '--keep', '500'];
    const { status, report, stderr } = await runScript('processes.mjs', ...options);

    expect(status, `${stderr}${JSON.stringify(report, undefined, 2)}`).toBe(0);
    for (const name of ['openings', 'acknowledged', 'rows']) expect(report[name], name).toBeGreaterThan(0);
  },
  TIMEOUT,
);
