import { createManager, type EventStore, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import {
  assertMarbles,
  contentsOf,
  event,
  formatEvent,
  formatOutcome,
  playRequests,
  request,
  type StoredCheckpoint,
  statesOf,
  withCheckpoints,
} from 'rx-watcher/testing';
import { map } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';

const marbles =
  (test: (helpers: RunHelpers & { store: EventStore; scheduler: TestScheduler }) => void) => (): void => {
    const scheduler = new TestScheduler(assertMarbles);
    scheduler.run((helpers) => test({ ...helpers, scheduler, store: createMemoryStore({ scheduler }) }));
  };
const [job, bad] = [request({ objectType: 'Job' }), request({ objectType: 'Bad' })];
const outcomes = { h: 'handled 1', s: 'skipped 2', i: 'handled 3' };

describe('the marble diagram of a watcher in a test', () => {
  it(
    'the marble diagram of a watcher shows the outcomes and the checkpoints',
    marbles(({ cold, expectObservable, scheduler, store }) => {
      const watched = withCheckpoints(store);
      const handler = ({ objectType }: { objectType: string }) => cold(objectType === 'Bad' ? '-#' : '--|');
      playRequests(scheduler, store, '-j--b--j', { j: job, b: bad });
      const options = { handler, retryStrategy: 'skip', maxRetries: 0 } as const;

      expectObservable(watch(watched.store, 'w', options).pipe(map(formatOutcome))).toBe(
        '---h-s---i',
        outcomes,
      );
      const checkpoint = (seqNum: number): StoredCheckpoint => ({ watcherId: 'w', seqNum });
      expectObservable(watched.checkpoints$).toBe('---1-2---3', {
        1: checkpoint(1),
        2: checkpoint(2),
        3: checkpoint(3),
      });
    }),
  );

  it(
    'the marble diagram of a watcher shows each state that the watcher enters',
    marbles(({ cold, expectObservable, scheduler, store }) => {
      playRequests(scheduler, store, '--j', { j: job });
      const watcher = createManager(store).create('w', { handler: () => cold('---|') });
      cold('-x').subscribe(() => watcher.start());
      cold('---x').subscribe(() => void watcher.stop());

      expectObservable(statesOf(watcher)).toBe('ir-p-s', {
        i: 'idle',
        r: 'running',
        p: 'stopping',
        s: 'stopped',
      });
      expectObservable(statesOf(watcher), '--^').toBe('--rp-s', {
        r: 'running',
        p: 'stopping',
        s: 'stopped',
      });
    }),
  );

  it(
    'the marble diagram of a watcher shows the events that the handler appends',
    marbles(({ expectObservable, scheduler, store }) => {
      playRequests(scheduler, store, '--j', { j: job });
      watch(store, 'echo', {
        filter: { objectTypes: ['Job'] },
        handler: ({ seqNum }) => void store.storeEvent(request({ objectType: 'Echo', object: seqNum })),
      }).subscribe();

      expectObservable(contentsOf(store), '----^').toBe('----(ab|)', {
        a: '1 CREATE Job {}',
        b: '2 CREATE Echo 1',
      });
    }),
  );
});

describe('formatEvent', () => {
  it.each([
    [
      event({ seqNum: 3, operation: 'UPDATE', objectType: 'Job', object: { id: 'j1' } }),
      '3 UPDATE Job {"id":"j1"}',
    ],
    [event({ object: null }), '1 CREATE Thing null'],
    [event({ object: undefined }), '1 CREATE Thing undefined'],
    [event({ object: { n: 1n } }), '1 CREATE Thing { n: 1n }'],
    [event({ object: new Map([['a', 1]]) }), "1 CREATE Thing Map(1) { 'a' => 1 }"],
  ])('formatEvent shows %o on one line', (shown, expected) => {
    expect(formatEvent(shown)).toBe(expected);
  });
});

describe('the function withCheckpoints', () => {
  it('withCheckpoints emits a checkpoint for a call of storeDeadLetter only if the call contains a checkpoint', async () => {
    const { store, checkpoints$ } = withCheckpoints(createMemoryStore());
    const checkpoints: StoredCheckpoint[] = [];
    checkpoints$.subscribe((checkpoint) => checkpoints.push(checkpoint));
    const at = new Date(0);
    const deadLetter = { watcherId: 'w', seqNum: 3, errors: [], attempts: 1, firstTime: at, lastTime: at };

    await store.storeDeadLetter(deadLetter, 3);
    await store.storeDeadLetter(deadLetter);

    expect(checkpoints).toEqual([{ watcherId: 'w', seqNum: 3 }]);
  });
});
