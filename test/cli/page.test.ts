import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

it('docs/cli.md contains the help of each command, as npm run docs:command writes it', () => {
  const page = execFileSync(process.execPath, [pathOf('.ci/command-page.mjs')], { encoding: 'utf8' });
  expect(readFileSync(pathOf('docs/cli.md'), 'utf8')).toBe(page);
});
