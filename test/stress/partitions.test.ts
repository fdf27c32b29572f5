import { expect, test } from 'vitest';
import { runScript, TIMEOUT } from './run-script.ts';

test(
  'every event is handled in the order of its key while processes that share partitions are killed and suspended',
  async () => {
    const options = [
      '--minutes',
      '0.3',
      '--events',
      '3000',
      '--keys',
      '300',
      '--lease',
      '1500',
      '--seed',
      '3',
    ];
    const { report, stderr } = await runScript('partitions.mjs', ...options);

    const problems = `${stderr}${JSON.stringify(report, undefined, 2)}`;
    // A busy machine delays fair shares, so this test does not check them.
    for (const name of ['unhandled', 'disordered', 'deposed']) {
      expect(report[name].count, problems).toBe(0);
    }
    expect(report.failures, problems).toEqual([]);
    expect(report.killed + report.stopped + report.suspended).toBeGreaterThan(0);
  },
  TIMEOUT,
);
