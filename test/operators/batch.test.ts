import { merge, NEVER, Observable, of, queueScheduler, range, Subject, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/errors.ts';
import { batch } from '../../src/operators/batch.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

const values = { x: ['a', 'b'], y: ['c', 'd'], a: ['a'], b: ['b'], c: ['c'], d: ['d'], e: ['e'] };

describe('the operator batch', () => {
  it(
    'the operator batch emits a batch when it is full and begins the next batch',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot('  -a-b--c--d-|');
      const subs = '    ^----------!';
      const expected = '---x-----y-|';

      expectObservable(e1.pipe(batch(2))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'the operator batch emits an incomplete batch before it completes or errors',
    inVirtualTime(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b-c-|').pipe(batch(2))).toBe('---x---(c|)', values);
      expectObservable(cold('-a-b-c-#').pipe(batch(2))).toBe('---x---(c#)', values);
    }),
  );

  it(
    'the operator batch emits no empty batch',
    inVirtualTime(({ cold, expectObservable }) => {
      expectObservable(cold('--|').pipe(batch(2))).toBe('--|');
      expectObservable(cold('--#').pipe(batch(2, { maxWait: 1 }))).toBe('--#');
      expectObservable(cold('ab---|').pipe(batch(2, { maxWait: 2 }))).toBe('-x---|', values);
    }),
  );

  it(
    'the operator batch emits an incomplete batch when maxWait has passed since the first value of that batch',
    inVirtualTime(({ hot, expectObservable }) => {
      const e1 = hot('  -a--b-----c-|');
      const expected = '-----x------(c|)';

      expectObservable(e1.pipe(batch(9, { maxWait: 4 }))).toBe(expected, values);
    }),
  );

  it(
    'the operator batch measures maxWait from the first value of each batch',
    inVirtualTime(({ hot, expectObservable, flush, scheduler }) => {
      const e1 = hot('  -ab-c------');
      const expected = '--x-----c--';

      expectObservable(e1.pipe(batch(2, { maxWait: 4 })), '^----------!').toBe(expected, values);
      flush();
      expect(scheduler.now()).toBe(11);
    }),
  );

  it(
    'by default, the operator batch sets no timer, and waits until a batch is full',
    inVirtualTime(({ hot, expectObservable, flush, scheduler }) => {
      expectObservable(hot('-a').pipe(batch(2))).toBe('--');
      flush();
      expect(scheduler.now()).toBeLessThan(5);
    }),
  );

  it(
    'the operator batch cancels its timer on completion, on an error and on an unsubscription',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const e1 = hot(' -a---');
      const unsub = '  ^-!  ';
      for (const end of ['-(a|)', '-(a#)'])
        hot(end)
          .pipe(batch(2, { maxWait: 100 }))
          .subscribe({ error() {} });

      expectObservable(e1.pipe(batch(2, { maxWait: 100 })), unsub).toBe('---');
      expectSubscriptions(e1.subscriptions).toBe(unsub);
      flush();
      expect(scheduler.now()).toBeLessThan(10);
    }),
  );

  it('the operator batch stops a synchronous source after an unsubscription', () => {
    let requested = 0;
    const seen: (readonly number[])[] = [];
    range(1, 1000)
      .pipe(
        tap(() => requested++),
        batch(2),
        take(2),
      )
      .subscribe((values) => seen.push(values));
    expect({ requested, seen }).toEqual({
      requested: 4,
      seen: [
        [1, 2],
        [3, 4],
      ],
    });
  });

  it('the operator batch keeps the order of values that a subscriber sends to the source while the subscriber receives a batch', () => {
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

  it('the operator batch collects values separately for each subscription', () => {
    const seen: (readonly string[])[] = [];
    const batched = merge(of('a', 'b', 'c'), NEVER).pipe(batch(2));
    for (let i = 0; i < 2; i++) batched.subscribe((values) => seen.push(values));
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('the operator batch emits each value immediately if maxWait is 0 and the scheduler runs its work synchronously', () => {
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
  ])(
    'the operator batch throws an InvalidOptionsError for the size %s with the options %o',
    (size, options) => {
      expect(() => batch(size, options)).toThrow(InvalidOptionsError);
    },
  );

  it('the operator batch throws one InvalidOptionsError that lists every fault of its arguments', () => {
    const paths = ['size', 'maxWait'].map((path) => expect.objectContaining({ path }));
    expect(() => batch(0, { maxWait: -1 })).toThrow(
      expect.objectContaining({ faults: expect.arrayContaining(paths) }),
    );
  });

  it('the operator batch passes on an error that the source throws at subscription', () => {
    const errors: unknown[] = [];
    new Observable<number>(() => {
      throw 'no';
    })
      .pipe(batch(2))
      .subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual(['no']);
  });
});
