import { expect, test } from 'vitest';
import { startProcess } from '../support/program.ts';

test('a store without a logger emits the first failure with each code as a process warning of one line', async () => {
  const program = startProcess(new URL('./fail-without-logger.mjs', import.meta.url));
  const warnings = (await program.readLines(3)).map((line) => JSON.parse(line));
  await expect(program.readLine()).rejects.toThrow('ended');
  await program.ended;

  const codes = warnings.map(({ name, code }) => `${name} ${code}`).sort();
  expect(codes).toEqual([
    'RxWatcherWarning RX_WATCHER_BLOCKED_BY_EVENT',
    'RxWatcherWarning RX_WATCHER_EVENT_GIVEN_UP',
    'RxWatcherWarning RX_WATCHER_FAILED',
  ]);
  for (const { message } of warnings) {
    expect(message).toMatch(/^watcher 'first .*no\\u000aroom/);
    expect(message).not.toContain('secret');
  }
});

test('a store without a logger emits each trouble as a process warning with its code', async () => {
  const program = startProcess(new URL('./trouble-without-logger.mjs', import.meta.url));
  const warnings = (await program.readLines(3)).map((line) => JSON.parse(line));
  await program.ended;

  expect(warnings).toEqual([
    {
      name: 'RxWatcherWarning',
      code: 'RX_WATCHER_LOG_HELD_BY_CHECKPOINT',
      message: expect.stringContaining("of watcher 'gone'"),
    },
    {
      name: 'RxWatcherWarning',
      code: 'RX_WATCHER_CLOCK_AHEAD',
      message: expect.stringContaining('an hour ahead'),
    },
    {
      name: 'RxWatcherWarning',
      code: 'RX_WATCHER_GARBAGE_COLLECTION_FAILED',
      message: expect.stringContaining('a torn page'),
    },
  ]);
});
