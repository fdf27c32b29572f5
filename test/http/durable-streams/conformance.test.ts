import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { testDirectory } from '../../support/temporary-directory.ts';
import { UNSUPPORTED } from './unsupported.ts';

/** Parts of the JSON report of vitest. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly failureMessages: readonly string[];
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending';
    }[];
  }[];
}

/** Number of the tests of the suite that the feed passes. */
const PASSED = 188;

/**
 * Runs the conformance suite in a separate process, because the suite would otherwise register its tests in the runner of this
 * test. Returns the titles of the tests by their status.
 */
async function runSuite(): Promise<Readonly<Record<'passed' | 'failed' | 'skipped', readonly string[]>>> {
  const file = join(testDirectory(), 'report.json');
  const vitest = join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--root', import.meta.dirname, '--reporter=json', `--outputFile=${file}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(stdout + stderr).toContain('JSON report written');
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const titles = (...statuses: readonly string[]) =>
    tests
      .filter(({ status }) => statuses.includes(status))
      .map(({ ancestorTitles, title, failureMessages }) =>
        [[...ancestorTitles.slice(1), title].join(' > '), ...failureMessages].join('\n'),
      );
  return { passed: titles('passed'), failed: titles('failed'), skipped: titles('skipped', 'pending') };
}

test('the feed passes each test of the Durable Streams conformance suite that applies to reads', async () => {
  const { passed, failed, skipped } = await runSuite();
  expect(failed).toEqual([]);
  expect([...skipped].sort()).toEqual(UNSUPPORTED.flatMap(({ titles }) => titles).sort());
  expect(passed).toHaveLength(PASSED);
}, 300_000);
