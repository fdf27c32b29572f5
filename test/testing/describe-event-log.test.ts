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

it('lists what an engine does not support, and tests what it does, each under a name of its own', () => {
  const [less, more] = [declared(createMemoryEventLog), declared(createMemoryEventLog, true)].map(names);

  expect(less).toContain('my engine > does not support: reopen');
  expect(more).not.toContain('my engine > does not support: reopen');
  expect(more).toContain('my engine > opened again > after a part was trimmed, it holds the rest');
  for (const all of [less, more]) expect(new Set(all).size).toBe(all?.length);
});

it('tells of an engine that says more than it holds', async () => {
  const boastful = () => {
    const log = createMemoryEventLog();
    return { ...log, bounds: () => log.bounds().pipe(map((bounds) => ({ ...bounds, oldest: 1 }))) };
  };
  const [sound, broken] = [createMemoryEventLog, boastful].map((open) =>
    declared(open).filter(({ path }) => path.at(-1) === 'through 6 leaves the log from 7 on'),
  );

  expect(await sound?.[0]?.run()).toBeUndefined();
  expect(await broken?.[0]?.run()).toBeDefined();
});
