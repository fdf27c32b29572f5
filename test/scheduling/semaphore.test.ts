import { concat, defer, EMPTY, merge, type Observable, of, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Semaphore } from '../../src/scheduling/semaphore.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

/** Returns the method `limit` of a new semaphore. */
function limitedTo(limit: number) {
  const semaphore = new Semaphore(limit);
  return <T>(source: Observable<T>) => semaphore.limit(source);
}

describe('Semaphore', () => {
  it(
    'a semaphore limits the number of concurrent subscriptions, and starts waiting subscriptions in order',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = limitedTo(2);
      const a = cold('  --a-|      ');
      const b = cold('  -b|        ');
      const c = cold('    --c--|   ');
      const d = cold('      -d|    ');
      const expected = '-ba-cd-|   ';

      expectObservable(merge(...[a, b, c, d].map(limited))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe('^---!');
      expectSubscriptions(b.subscriptions).toBe('^-!');
      expectSubscriptions(c.subscriptions).toBe('--^----!');
      expectSubscriptions(d.subscriptions).toBe('----^-!');
    }),
  );

  it(
    'a semaphore starts the next waiting subscription after an active subscription has failed',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = limitedTo(1);
      const failing = cold('--#  ');
      const next = cold('     -b|');

      expectObservable(limited(failing)).toBe('--#');
      expectObservable(limited(next)).toBe('   ---b|');
      expectSubscriptions(next.subscriptions).toBe('--^-!');
    }),
  );

  it(
    'a semaphore starts the next waiting subscription after an unsubscription, and skips subscriptions that were unsubscribed while they waited',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = limitedTo(1);
      const first = cold(' -------');
      const late = cold('  -|     ');
      const next = cold('     -c|');

      expectObservable(limited(first), '^--!').toBe('----');
      expectObservable(limited(late), ' ^-!').toBe('---');
      expectObservable(limited(next)).toBe('----c|');
      expectSubscriptions(first.subscriptions).toBe('^--!');
      expectSubscriptions(late.subscriptions).toBe([]);
      expectSubscriptions(next.subscriptions).toBe('---^-!');
    }),
  );

  it('a semaphore counts each subscription to the same Observable separately', () => {
    const limited = limitedTo(2);
    let running = 0;
    const source = limited(defer(() => concat(of(++running), new Subject<number>())));
    const subscriptions = [source, source, source].map((each) => each.subscribe());
    expect(running).toBe(2);
    subscriptions[0]?.unsubscribe();
    expect(running).toBe(3);
  });

  it('a semaphore starts a subscription that is requested during a completion after the subscriptions that already wait', () => {
    const limited = limitedTo(1);
    const order: string[] = [];
    const end$ = new Subject<never>();
    const named = (name: string) => defer(() => of(order.push(name)));
    limited(concat(named('a'), end$)).subscribe({ complete: () => limited(named('c')).subscribe() });
    limited(named('b')).subscribe();
    end$.complete();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('a semaphore frees each slot exactly once, even if a subscription is unsubscribed after its completion', () => {
    const limited = limitedTo(1);
    let running = 0;
    limited(of(1, 2)).pipe(take(1)).subscribe().unsubscribe();
    limited(EMPTY).subscribe().unsubscribe();
    for (let i = 0; i < 3; i++) limited(defer(() => new Subject().pipe(() => of(++running)))).subscribe();
    const started = [0, 1].map(() => {
      const subject = new Subject();
      const state = { isStarted: false };
      limited(
        defer(() => {
          state.isStarted = true;
          return subject;
        }),
      ).subscribe();
      return state;
    });
    expect({ running, started }).toEqual({
      running: 3,
      started: [{ isStarted: true }, { isStarted: false }],
    });
  });

  it('a semaphore starts 50,000 waiting subscriptions one after another without a stack overflow', () => {
    const limited = limitedTo(1);
    const first = new Subject<never>();
    let completed = 0;
    limited(first).subscribe();
    for (let i = 0; i < 50_000; i++) limited(EMPTY).subscribe({ complete: () => completed++ });
    first.complete();
    expect(completed).toBe(50_000);
  });

  it('a semaphore starts 50,000 waiting subscriptions if each active subscription ends in a separate call', () => {
    const limited = limitedTo(1);
    const all = Array.from({ length: 50_000 }, () => new Subject<never>());
    let completed = 0;
    for (const each of all) limited(each).subscribe({ complete: () => completed++ });
    for (const each of all) each.complete();
    expect(completed).toBe(50_000);
  });
});
