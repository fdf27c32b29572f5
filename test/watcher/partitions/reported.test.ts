import { firstValueFrom, NEVER, type ObservableInput } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { COUNT, DURATION, partitionAt, storeKeyed, TOGETHER } from './partitioned.ts';

/** Creates a store with 22 events, and a function that starts the watcher `w` with partitions and reports. */
function reporting() {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  storeKeyed(store, 1, 22);
  const start = (
    owner: string,
    handle: (seqNum: number) => ObservableInput<unknown> | undefined = () => undefined,
  ) => {
    const manager = createManager(store, { lease: { duration: DURATION, owner }, reportInterval: 1000 });
    const watcher = manager.create('w', {
      partitions: COUNT,
      ...TOGETHER,
      handler: ({ seqNum }) => handle(seqNum),
      retryStrategy: 'deadLetter',
      maxRetries: 0,
      autoStart: true,
    });
    clock.advanceBy(DURATION);
    return { manager, watcher };
  };
  const watchers = () => firstValueFrom(store.watchers());
  return { clock, store, start, watchers };
}

describe('the report of a watcher with partitions', () => {
  it('the report of a watcher with partitions contains the lowest checkpoint and the partitions of each process', async () => {
    const { clock, start, watchers } = reporting();
    start('first');
    start('second');
    clock.advanceBy(2000);
    const reports = await watchers();
    expect(
      reports.map(({ id, state, checkpoint, lag, partitions }) => [id, state, checkpoint, lag, partitions]),
    ).toEqual([
      ['w', 'running', 22, 0, { count: COUNT, owned: [0, 1] }],
      ['w', 'running', 22, 0, { count: COUNT, owned: [2, 3] }],
    ]);
  });

  it('the report of a watcher with partitions counts the dead letters of all partitions', async () => {
    const { clock, start, watchers } = reporting();
    start('only', () => {
      throw new Error('no');
    });
    clock.advanceBy(2000);
    expect(await watchers()).toMatchObject([
      { id: 'w', deadLetters: 22, lastError: { name: 'EventHandlingError' } },
    ]);
  });

  it('the report of a watcher with partitions has the lag of the slowest partition while the state of the watcher is unknown', async () => {
    const { store, clock, watchers } = reporting();
    for (let index = 0; index < COUNT; index++)
      await store.storeCheckpoint(`w [${index}/${COUNT}]`, 20 - index);
    clock.advanceBy(1);
    expect(await watchers()).toMatchObject([
      { id: 'w', state: 'unknown', checkpoint: 21 - COUNT, lag: 22 - (21 - COUNT), stale: false },
    ]);
  });

  it('the health of a manager warns about the lag of the slowest partition of a watcher', async () => {
    const { clock, start } = reporting();
    const slowest = partitionAt(3);
    const blocked = span(9, 22).find((seqNum) => partitionAt(seqNum) === slowest) ?? 0;
    const { manager, watcher } = start('only', (seqNum) => (seqNum === blocked ? NEVER : undefined));
    expect(watcher.stats().partitions?.map(({ lag }) => lag > 0)).toEqual(
      span(0, COUNT - 1).map((index) => index === slowest),
    );
    clock.advanceBy(2000);
    const health = await firstValueFrom(manager.health({ maxLag: 10 }));
    expect(health.checks.filter(({ watcherId }) => watcherId === 'w')).toMatchObject([
      { name: 'state', status: 'pass', message: 'running' },
      { name: 'lag', status: 'warn', message: `lag is ${23 - blocked}; the limit is 10` },
    ]);
  });
});
