import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProcessEnd } from '../support/running-process.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { startProgram } from './start-program.ts';

const seqNumsOf = ({ stdout }: ProcessEnd, verb: 'appended' | 'handled') =>
  [...stdout.matchAll(new RegExp(`^${verb} +(\\d+)`, 'gm'))].map((match) => Number(match[1]));

const span = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Creates an empty store, and returns a function that runs the program until it has handled an event. */
function prepare() {
  const path = join(testDirectory(), 'new', 'store.lmdb');
  return async (seqNum: number, ...signals: readonly NodeJS.Signals[]): Promise<ProcessEnd> => {
    const program = startProgram('quick-start', [path]);
    await program.printed(`handled  ${seqNum}: `);
    for (const signal of signals) program.kill(signal);
    return program.ended;
  };
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the quick start ends after %s, which npm sends twice, and continues after the last handled event in the next run',
  async (signal) => {
    const runUntil = prepare();
    const first = await runUntil(2, signal, signal);
    expect(first).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(first.stdout).toMatch(/^opened .* with 0 events; press Ctrl-C to stop\n/);
    expect(first.stdout).toMatch(/\nstopped; run the same command again to continue\n$/);
    expect(first.stdout.match(/stopped/g)).toHaveLength(1);
    const handled = seqNumsOf(first, 'handled');
    expect(handled).toEqual(span(1, handled.length));

    const next = handled.length + 1;
    const second = await runUntil(next + 1, signal, signal);
    expect(second).toMatchObject({ code: 0, signal: null, stderr: '' });
    const handledLater = seqNumsOf(second, 'handled');
    expect(handledLater).toEqual(span(next, next + handledLater.length - 1));
    expect(seqNumsOf(second, 'appended')[0]).toBe(Number(/with (\d+) events/.exec(second.stdout)?.[1]) + 1);
  },
);

test('the quick start handles every event at least once, in order, even after kill -9', async () => {
  const runUntil = prepare();
  const killed = await runUntil(3, 'SIGKILL');
  expect(killed).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  const lastHandled = seqNumsOf(killed, 'handled').at(-1) as number;

  const continued = await runUntil(lastHandled + 2, 'SIGINT');
  expect(continued).toMatchObject({ code: 0, stderr: '' });
  const handled = seqNumsOf(continued, 'handled');
  const first = handled[0] as number;
  expect(first).toBeLessThanOrEqual(lastHandled + 1);
  expect(handled).toEqual(span(first, first + handled.length - 1));
  expect(seqNumsOf(continued, 'appended')[0]).toBeGreaterThanOrEqual(lastHandled + 1);
});
