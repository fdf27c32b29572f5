import { merge, NEVER, Observable, of, queueScheduler, range, Subject, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/errors.ts';
import { batch } from '../../src/operators/batch.ts';
import { inVirtualTime } from '../scheduling/virtual-time.ts';

const values = { x: ['a', 'b'], y: ['c', 'd'], a: ['a'], b: ['b'], c: ['c'], d: ['d'], e: ['e'] };

describe('batch', () => {
  it(
    'gives a batch as soon as it is full, and begins the next one',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot('  -a-b--c--d-|');
      const subs = '    ^----------!';
      const expected = '---x-----y-|';

      expectObservable(e1.pipe(batch(2))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'gives what it has before the end, and before an error',
    inVirtualTime(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b-c-|').pipe(batch(2))).toBe('---x---(c|)', values);
      expectObservable(cold('-a-b-c-#').pipe(batch(2))).toBe('---x---(c#)', values);
    }),
  );

  it(
    'gives no empty batch',
    inVirtualTime(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(batch(2))).toBe('--|');
      expectObservable(cold('--#').pipe(batch(2, { maxWait: 1 }))).toBe('--#');
      expectObservable(cold('ab---|').pipe(batch(2, { maxWait: 2 }))).toBe('-x---|', values);
    }),
  );

  it(
    'gives what it has when the first value of the batch has waited for maxWait, however late the last came',
    inVirtualTime(({ hot, expectObservable }) => {
      const e1 = hot('  -a--b-----c-|');
      const expected = '-----x------(c|)';

      expectObservable(e1.pipe(batch(9, { maxWait: 4 }))).toBe(expected, values);
    }),
  );

  it(
    'counts maxWait from the first value of each batch afresh, not from a batch that was full before',
    inVirtualTime(({ hot, expectObservable, flush, scheduler }) => {
      const e1 = hot('  -ab-c------');
      const expected = '--x-----c--';

      expectObservable(e1.pipe(batch(2, { maxWait: 4 })), '^----------!').toBe(expected, values);
      flush();
      expect(scheduler.now()).toBe(11);
    }),
  );

  it(
    'waits for ever by default, and keeps no timer',
    inVirtualTime(({ hot, expectObservable, flush, scheduler }) => {
      expectObservable(hot('-a').pipe(batch(2))).toBe('--');
      flush();
      expect(scheduler.now()).toBeLessThan(5);
    }),
  );

  it(
    'keeps no timer behind its end, an error or an unsubscription',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const e1 = hot(' -a---');
      const unsub = '  ^-!  ';
      for (const ending of ['-(a|)', '-(a#)'])
        hot(ending)
          .pipe(batch(2, { maxWait: 100 }))
          .subscribe({ error() {} });

      expectObservable(e1.pipe(batch(2, { maxWait: 100 })), unsub).toBe('---');
      expectSubscriptions(e1.subscriptions).toBe(unsub);
      flush();
      expect(scheduler.now()).toBeLessThan(10);
    }),
  );

  it('stops a source that emits at once as soon as nobody listens any more', () => {
    let asked = 0;
    const seen: (readonly number[])[] = [];
    range(1, 1000)
      .pipe(
        tap(() => asked++),
        batch(2),
        take(2),
      )
      .subscribe((values) => seen.push(values));
    expect({ asked, seen }).toEqual({
      asked: 4,
      seen: [
        [1, 2],
        [3, 4],
      ],
    });
  });

  it('keeps the order of what is sent from inside a batch', () => {
    const source$ = new Subject<number>();
    const seen: (readonly number[])[] = [];
    source$.pipe(batch(2)).subscribe((values) => {
      seen.push(values);
      if (values[0] === 1) for (const value of [3, 4, 5]) source$.next(value);
    });
    for (const value of [1, 2, 6]) source$.next(value);
    expect(seen).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it('gathers for each subscriber apart', () => {
    const seen: (readonly string[])[] = [];
    const batched = merge(of('a', 'b', 'c'), NEVER).pipe(batch(2));
    for (let i = 0; i < 2; i++) batched.subscribe((values) => seen.push(values));
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('may wait on a scheduler that runs its work at once', () => {
    const seen: (readonly number[])[] = [];
    of(1, 2, 3)
      .pipe(batch(2, { maxWait: 0, scheduler: queueScheduler }))
      .subscribe((values) => seen.push(values));
    expect(seen).toEqual([[1], [2], [3]]);
  });

  it.each([
    [0, {}],
    [1.5, {}],
    [Number.NaN, {}],
    [2, { maxWait: -1 }],
    [2, { maxWait: Number.NaN }],
    [2, { scheduler: {} as never }],
  ])('refuses a size of %s with %o at the call', (size, options) => {
    expect(() => batch(size, options)).toThrow(InvalidOptionsError);
  });

  it('has every fault at once', () => {
    const paths = ['size', 'maxWait'].map((path) => expect.objectContaining({ path }));
    expect(() => batch(0, { maxWait: -1 })).toThrow(
      expect.objectContaining({ faults: expect.arrayContaining(paths) }),
    );
  });

  it('passes on what a source throws when it is subscribed to', () => {
    const errors: unknown[] = [];
    new Observable<number>(() => {
      throw 'no';
    })
      .pipe(batch(2))
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual(['no']);
  });
});
