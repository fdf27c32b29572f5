import { type Outcome, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { event, playRequests, request } from 'rx-watcher/testing';
import { bufferCount } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failureLines } from './failure-lines.ts';

const first = event({ objectType: 'Job', object: { id: 'j1' } });

describe('the error message of a failed comparison of events', () => {
  it('the error message of a failed comparison of events shows each event on one line', () => {
    const deleted = event({ seqNum: 2, operation: 'DELETE' });

    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('a-b', { a: first, b: deleted })).toBe('ab', { a: first, b: deleted }),
      ),
    ).toEqual(['expected ab', 'actual   a-b', '  a = 1 CREATE Job {"id":"j1"}', '  b = 2 DELETE Thing {}']);
  });

  it('the error message of a failed comparison of arrays shows each event of an array on one line', () => {
    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('ab', { a: first, b: first }).pipe(bufferCount(2))).toBe('-a', { a: [first] }),
      ).slice(2),
    ).toEqual([
      '  a = [1 CREATE Job {"id":"j1"}]',
      '  b = [1 CREATE Job {"id":"j1"}, 1 CREATE Job {"id":"j1"}]',
    ]);
  });

  it('the error message of a failed comparison shows all properties of events if one line does not show the difference', () => {
    const later = { ...first, timestamp: new Date(3) };

    expect(
      failureLines(({ cold, expectObservable }) =>
        expectObservable(cold('a', { a: later })).toBe('a', { a: first }),
      ).slice(2),
    ).toEqual([
      "  a = { seqNum: 1, operation: 'CREATE', objectType: 'Job', object: { id: 'j1' }, timestamp: 1970-01-01T00:00:00.000Z }",
      "  b = { seqNum: 1, operation: 'CREATE', objectType: 'Job', object: { id: 'j1' }, timestamp: 1970-01-01T00:00:00.003Z }",
    ]);
  });

  it('the error message of a failed comparison of events shows an object that JSON cannot represent', () => {
    const large = { ...first, object: { n: 1n } };

    expect(
      failureLines(({ cold, expectObservable }) => expectObservable(cold('a', { a: large })).toBe('-')),
    ).toEqual(['expected (nothing)', 'actual   a', '  a = 1 CREATE Job { n: 1n }']);
  });
});

describe('the error message of a failed comparison of outcomes', () => {
  it('the error message of a failed comparison of outcomes shows each outcome on one line', () => {
    expect(
      failureLines(({ cold, expectObservable }, scheduler) => {
        const store = createMemoryStore({ scheduler });
        playRequests(scheduler, store, '-ab', { a: request(), b: request({ objectType: 'Bad' }) });
        const outcomes$ = watch(store, 'w', {
          handler: ({ objectType }) => cold(objectType === 'Bad' ? '--#' : '--|'),
          retryStrategy: 'skip',
          maxRetries: 0,
        });
        const handled: Outcome = {
          status: 'handled',
          seqNum: 1,
          event: event({ timestamp: new Date(1) }),
          attempts: 1,
        };
        expectObservable(outcomes$).toBe('---a', { a: handled });
      }),
    ).toEqual(['expected ---a', 'actual   ---a-b', '  a = handled 1', '  b = skipped 2']);
  });
});
