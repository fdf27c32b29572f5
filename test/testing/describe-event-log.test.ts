import type { NewRecord } from 'rx-watcher';
import { describeEventLog } from 'rx-watcher/testing';
import { map } from 'rxjs';
import { expect, it } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { fakeRunner } from './fake-runner.ts';

function declared(open: typeof createMemoryEventLog, reopen = false) {
  const { runner, tests } = fakeRunner();
  describeEventLog(runner, 'my engine', { supports: { reopen }, create: () => ({ open, cleanup() {} }) });
  return tests;
}
const names = (tests: ReturnType<typeof declared>) => tests.map(({ path }) => path.join(' > '));

it('describeEventLog declares tests with unique names, and a placeholder test for each unsupported feature', () => {
  const [unsupported, supported] = [declared(createMemoryEventLog), declared(createMemoryEventLog, true)].map(
    names,
  );

  expect(unsupported).toContain('my engine > the engine does not support: reopen');
  expect(supported).not.toContain('my engine > the engine does not support: reopen');
  expect(supported).toContain(
    'my engine > a reopened log > a reopened log holds the remaining records if some records were trimmed',
  );
  for (const all of [unsupported, supported]) expect(new Set(all).size).toBe(all?.length);
});

it('describeEventLog declares a test that fails for an engine with a wrong oldest sequence number', async () => {
  const createFaultyLog = () => {
    const log = createMemoryEventLog();
    return { ...log, bounds: () => log.bounds().pipe(map((bounds) => ({ ...bounds, oldest: 1 }))) };
  };
  const [correct, faulty] = [createMemoryEventLog, createFaultyLog].map((open) =>
    declared(open).filter(
      ({ path }) => path.at(-1) === 'trim deletes the records up to number 6, so that 7 is the oldest number',
    ),
  );

  expect(await correct?.[0]?.run()).toBeUndefined();
  expect(await faulty?.[0]?.run()).toBeDefined();
});

it('describeEventLog declares a test that fails for an engine that stores two events with the same id', async () => {
  const createFaultyLog = () => {
    const log = createMemoryEventLog();
    return {
      ...log,
      append: (records: readonly NewRecord[], now: number) =>
        log.append(
          records.map(({ id: _id, ...record }) => record),
          now,
        ),
    };
  };
  const results = await Promise.all(
    [createMemoryEventLog, createFaultyLog].map((open) =>
      declared(open)
        .find(
          ({ path }) =>
            path.at(-1) === 'an append returns the stored record as a duplicate if the log holds the id',
        )
        ?.run(),
    ),
  );

  expect(results[0]).toBeUndefined();
  expect(results[1]).toBeDefined();
});
