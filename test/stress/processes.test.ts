import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('./processes.mjs', import.meta.url));

test('loses no acknowledged write while processes open, use and close one file', () => {
  const options = ['--minutes', '0.12', '--seed', '1', '--keep', '500', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' });
  expect(stdout, stderr).toMatch(/^\{/);

  const { openings, acknowledged, rows, faults, ...details } = JSON.parse(stdout);

  const zeros = Object.keys(faults).map((name) => [name, 0]);
  expect(faults, JSON.stringify(details, undefined, 2)).toEqual(Object.fromEntries(zeros));
  expect(status).toBe(0);
  for (const count of [openings, acknowledged, rows]) expect(count).toBeGreaterThan(0);
});
