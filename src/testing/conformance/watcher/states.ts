import { firstValueFrom } from 'rxjs';
import {
  afterSequenceNumber,
  createManager,
  type EventStore,
  WatcherAlreadyRunningError,
  watch,
} from '../../../index.ts';
import { deadLetter } from '../support/dead-letters.ts';
import { failureOf } from '../support/fault-paths.ts';
import { note } from '../support/note.ts';
import { created, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import {
  appendAndReadAll,
  caughtUp,
  checkpointOf,
  openJobs,
  passed,
  statsIn,
  watchByHand,
} from '../support/watched.ts';

/** Creates another manager with an idle watcher `w`. */
function createIdleManager(store: EventStore) {
  const manager = createManager(store);
  manager.create('w', { handler: () => undefined });
  return manager;
}

export const describeWatchingStates = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a watcher of a manager', () => {
    test('a watcher delivers nothing while it is paused', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = watchByHand(store);
      const { finish } = await byHand.attempt(1);

      watcher.pause();
      finish();
      await passed(watcher, 1);
      await appendAndReadAll(store);
      expect([byHand.seqNums, watcher.stats().state]).toEqual([[1], 'paused']);
      watcher.resume();
      await byHand.finishAttempts(2, 4);

      expect(byHand.seqNums).toEqual(span(1, 4));
      expect(watcher.stats().state).toBe('running');
    });

    test('a paused watcher reports the age of the event after its checkpoint as its lag time', async () => {
      const clock = new VirtualClock();
      const store = await openJobs(open, 2, { scheduler: clock });
      const { byHand, manager, watcher } = watchByHand(store);
      const { finish } = await byHand.attempt(1);
      watcher.pause();
      finish();
      await passed(watcher, 1);
      await checkpointOf(store);
      clock.set(500);

      // `health` waits for a read of the lag, even if the engine reads asynchronously. Afterwards, the statistics contain
      // the lag.
      await firstValueFrom(manager.health({ maxLag: 0 }));
      expect(watcher.stats()).toMatchObject({ state: 'paused', lag: 1, lagTime: 500 });
    });

    test('a watcher emits its progress from whenProcessed and caughtUp$', async () => {
      const store = await openJobs(open, 2);
      const { byHand, watcher } = watchByHand(store);
      const [second, isCaughtUp] = [note(watcher.whenProcessed(2)), note(watcher.caughtUp$)];
      await byHand.finishAttempts(1);
      const { finish } = await byHand.attempt(2);
      await passed(watcher, 1);
      expect([second.isComplete, isCaughtUp.values.at(-1)]).toEqual([false, false]);

      finish();
      await passed(watcher, 2);
      await caughtUp(watcher);
      expect(second.isComplete).toBe(true);
      await store.storeEvent(created(3));
      await byHand.attempt(3);

      expect(await firstValueFrom(watcher.caughtUp$)).toBe(false);
    });

    test('a watcher fails if another watcher with the same id runs on the store, and can start after the other watcher has stopped', async () => {
      const store = await openJobs(open, 2);
      const first = watchByHand(store);
      const { finish } = await first.byHand.attempt(1);

      const second = watchByHand(store);
      expect((await statsIn(second.watcher, 'failed')).lastError).toBeInstanceOf(WatcherAlreadyRunningError);
      const watched = firstValueFrom(watch(store, 'w', { handler: () => undefined }));
      expect(await failureOf(watched)).toBeInstanceOf(WatcherAlreadyRunningError);
      const stopped = first.watcher.stop();
      finish();
      await stopped;
      second.watcher.start();
      await second.byHand.finishAttempts(1);

      expect([first.byHand.seqNums, second.byHand.seqNums]).toEqual([[1], [2]]);
    });

    test.each<[string, (other: ReturnType<typeof createIdleManager>) => Promise<unknown>]>([
      ['a seek', (other) => other.lookup('w').seek(afterSequenceNumber(0))],
      ['a redrive', (other) => other.redrive('w')],
    ])('a watcher continues to run if another watcher with the same id is denied %s', async (_name, act) => {
      const store = await openJobs(open, 3);
      if (supports.deadLetters) await store.storeDeadLetter(deadLetter(1));
      const { byHand } = watchByHand(store);
      await byHand.finishAttempts(1);
      const { finish } = await byHand.attempt(2);

      expect(await failureOf(act(createIdleManager(store)))).toBeInstanceOf(WatcherAlreadyRunningError);
      expect(await checkpointOf(store)).toBe(1);
      finish();
      await byHand.finishAttempts(3);

      expect(byHand.seqNums).toEqual([1, 2, 3]);
    });

    test('a watcher fails if another watcher with the same id performs a seek', async () => {
      const store = await openJobs(open, 3);
      const first = watchByHand(store);
      const { finish } = await first.byHand.attempt(1);
      const seeking = first.watcher.seek(afterSequenceNumber(2));
      await statsIn(first.watcher, 'stopping');

      const second = watchByHand(store);
      expect((await statsIn(second.watcher, 'failed')).lastError).toBeInstanceOf(WatcherAlreadyRunningError);
      finish();
      await seeking;
      await first.byHand.finishAttempts(2);

      expect([first.byHand.seqNums, second.byHand.seqNums]).toEqual([[1, 3], []]);
    });

    test('a watcher stops when it is removed, and completes outcomes$', async () => {
      const store = await openJobs(open, 1);
      const { byHand, manager, watcher } = watchByHand(store);
      const outcomes = note(watcher.outcomes$);
      const { finish } = await byHand.attempt(1);

      const removed = manager.remove('w');
      finish();
      await removed;

      expect([outcomes.values.length, outcomes.isComplete, manager.watchers()]).toEqual([1, true, []]);
      expect(await checkpointOf(store)).toBe(1);
    });
  });
