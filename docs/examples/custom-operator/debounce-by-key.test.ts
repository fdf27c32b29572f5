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
    c: event({ seqNum: 3, ...saved('a.txt') }), // the same file as a
  };

  it.each([
    ['emits a value after the quiet time', '                       a-----|', '---a--|'],
    ['emits only the last value of a key', '                       ac----|', '----c-|'],
    ['restarts the quiet time with each value', '                  a--c-----|', '------c--|'],
    ['debounces keys separately, in the order of their last values', ' abc-----|', '----bc--|'],
    ['accepts a key again after it was emitted', '                 a----c----|', '---a----c-|'],
    ['emits waiting values when the source completes', '           ab|', '--(ab|)'],
    ['drops waiting values when the source errors', '              ab#', '--#'],
  ])('debounceByKey %s', (_behaviour, source, expected) => {
    scheduler.run(({ hot, expectObservable }) => {
      expectObservable(hot(source, files).pipe(debounceByKey(pathOf, 3))).toBe(expected, files);
    });
  });

  it('debounceByKey unsubscribes from the source and stops its timers on unsubscription', () => {
    scheduler.run(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('      a----', files);
      const unsubscribed = '    ^-!';
      const subscribed = '      ^-!';

      expectObservable(source.pipe(debounceByKey(pathOf, 3)), unsubscribed).toBe('');
      expectSubscriptions(source.subscriptions).toBe(subscribed);
    });
  });

  it('debounceByKey debounces the events of a store', () => {
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
