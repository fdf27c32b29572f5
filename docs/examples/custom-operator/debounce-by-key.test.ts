import { type Event, trimHorizon } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { assertMarbles, event, formatEvent, playRequests, request } from 'rx-watcher/testing';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { beforeEach, describe, it } from 'vitest';
import { debounceByKey } from './debounce-by-key.ts';

type Saved = Event<{ readonly path: string }, 'File'>;

const saved = (path: string) =>
  request({ operation: 'UPDATE', objectType: 'File', object: { path } } as const);
const pathOf = ({ object }: Saved) => object.path;

describe('debounceByKey', () => {
  let scheduler: TestScheduler;
  beforeEach(() => {
    scheduler = new TestScheduler(assertMarbles);
  });

  const files = {
    a: event({ seqNum: 1, ...saved('a.txt') }),
    b: event({ seqNum: 2, ...saved('b.txt') }),
    c: event({ seqNum: 3, ...saved('a.txt') }), // the file of a, again
  };

  it.each([
    ['lets through what was left in peace', '                      a-----|', '---a--|'],
    ['lets through only the last of a key', '                      ac----|', '----c-|'],
    ['begins the time anew with each', '                           a--c-----|', '------c--|'],
    ['does so for each key apart, in the order in which they rest', ' abc-----|', '----bc--|'],
    ['lets a key begin again once it was at rest', '               a----c----|', '---a----c-|'],
    ['gives what waits before the end', '                          ab|', '--(ab|)'],
    ['gives nothing more before an error', '                       ab#', '--#'],
  ])('%s', (_what, source, expected) => {
    scheduler.run(({ hot, expectObservable }) => {
      expectObservable(hot(source, files).pipe(debounceByKey(pathOf, 3))).toBe(expected, files);
    });
  });

  it('ends its timers when nobody listens any more', () => {
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('      a----', files);
      const unsubscribed = '    ^-!';
      const subscribed = '      ^-!';

      expectObservable(source.pipe(debounceByKey(pathOf, 3)), unsubscribed).toBe('');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('follows a store', () => {
    scheduler.run(({ expectObservable }) => {
      const store = createMemoryStore<Saved>({ scheduler });
      playRequests(scheduler, store, 'aab', { a: saved('a.txt'), b: saved('b.txt') });
      const expected = '              ----xy';

      const resting = store.events(trimHorizon()).pipe(debounceByKey(pathOf, 3), map(formatEvent));
      expectObservable(resting).toBe(expected, {
        x: '2 UPDATE File {"path":"a.txt"}',
        y: '3 UPDATE File {"path":"b.txt"}',
      });
    });
  });
});
