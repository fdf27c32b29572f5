import { concat, defer, EMPTY, merge, of, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createSemaphore } from '../../src/scheduling/semaphore.ts';
import { inVirtualTime } from './virtual-time.ts';

describe('a limiter', () => {
  it(
    'lets so many run at the same time, and the others in the order in which they came',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = createSemaphore(2);
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
    'counts one that fails as done',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = createSemaphore(1);
      const failing = cold('--#  ');
      const next = cold('     -b|');

      expectObservable(limited(failing)).toBe('--#');
      expectObservable(limited(next)).toBe('   ---b|');
      expectSubscriptions(next.subscriptions).toBe('--^-!');
    }),
  );

  it(
    'lets the next one run when somebody goes; one that goes while it waits is never run',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const limited = createSemaphore(1);
      const first = cold(' -------');
      const gone = cold('  -|     ');
      const next = cold('     -c|');

      expectObservable(limited(first), '^--!').toBe('----');
      expectObservable(limited(gone), ' ^-!').toBe('---');
      expectObservable(limited(next)).toBe('----c|');
      expectSubscriptions(first.subscriptions).toBe('^--!');
      expectSubscriptions(gone.subscriptions).toBe([]);
      expectSubscriptions(next.subscriptions).toBe('---^-!');
    }),
  );

  it('counts each subscription apart', () => {
    const limited = createSemaphore(2);
    let running = 0;
    const source = limited(defer(() => concat(of(++running), new Subject<number>())));
    const subscriptions = [source, source, source].map((each) => each.subscribe());
    expect(running).toBe(2);
    subscriptions[0]?.unsubscribe();
    expect(running).toBe(3);
  });

  it('lets one run that comes from inside another, behind those that wait', () => {
    const limited = createSemaphore(1);
    const order: string[] = [];
    const end$ = new Subject<never>();
    const named = (name: string) => defer(() => of(order.push(name)));
    limited(concat(named('a'), end$)).subscribe({ complete: () => limited(named('c')).subscribe() });
    limited(named('b')).subscribe();
    end$.complete();
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('gives its place back once, however it ends', () => {
    const limited = createSemaphore(1);
    let running = 0;
    limited(of(1, 2)).pipe(take(1)).subscribe().unsubscribe();
    limited(EMPTY).subscribe().unsubscribe();
    for (let i = 0; i < 3; i++) limited(defer(() => new Subject().pipe(() => of(++running)))).subscribe();
    const held = [0, 1].map(() => {
      const subject = new Subject();
      const begun = { yes: false };
      limited(
        defer(() => {
          begun.yes = true;
          return subject;
        }),
      ).subscribe();
      return begun;
    });
    expect({ running, held }).toEqual({ running: 3, held: [{ yes: true }, { yes: false }] });
  });

  it('lets fifty thousand run one after another, without a stack', () => {
    const limited = createSemaphore(1);
    const first = new Subject<never>();
    let done = 0;
    limited(first).subscribe();
    for (let i = 0; i < 50_000; i++) limited(EMPTY).subscribe({ complete: () => done++ });
    first.complete();
    expect(done).toBe(50_000);
  });

  it('lets fifty thousand run that end one by one', () => {
    const limited = createSemaphore(1);
    const all = Array.from({ length: 50_000 }, () => new Subject<never>());
    let done = 0;
    for (const each of all) limited(each).subscribe({ complete: () => done++ });
    for (const each of all) each.complete();
    expect(done).toBe(50_000);
  });
});
