import { EMPTY, NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../src/errors.ts';
import type { Event } from '../../src/event/event.ts';
import { handleWith } from '../../src/handling/handle-with.ts';
import type { HandlerContext } from '../../src/handling/handler.ts';
import { storedEvent } from '../support/events.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { asMarbles } from '../support/watcher/virtual-store.ts';

/** Values of marble diagrams: events 1 to 3. */
const jobs: Readonly<Record<string, Event>> = { 1: storedEvent(1), 2: storedEvent(2), 3: storedEvent(3) };

describe('handleWith', () => {
  it(
    'handleWith handles events one at a time and in order, and completes after the last event',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source = cold<Event>('(123)--|       ', jobs);
      const attempt = cold('      ---|           ');
      const subs = [
        '                         ^--!           ',
        '                         ---^--!        ',
        '                         ------^--!     ',
      ];
      const expected = '          ---1--2--(3|)  ';
      const handled = source.pipe(
        handleWith(() => attempt, { scheduler }),
        asMarbles,
      );

      expectObservable(handled).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'handleWith emits the outcome of each event with the number of attempts',
    inVirtualTime(({ cold, expectObservable, scheduler }) => {
      const handler = ({ seqNum }: Event, { attempt }: HandlerContext) =>
        seqNum === 1 && attempt === 2 ? EMPTY : throwError(() => `failure ${attempt}`);
      const options = { scheduler, initialBackoff: 1, maxRetries: 1, retryStrategy: 'skip' } as const;

      expectObservable(cold<Event>('(12|)', jobs).pipe(handleWith(handler, options))).toBe('-a(b|)', {
        a: { status: 'handled', seqNum: 1, event: storedEvent(1), attempts: 2 },
        b: {
          status: 'skipped',
          seqNum: 2,
          event: storedEvent(2),
          attempts: 2,
          error: new EventHandlingError('handleWith', 2, 2, 'failure 2'),
        },
      });
    }),
  );

  it(
    'handleWith retries an event without a limit by default',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const attempt = cold('#');
      const handled = cold<Event>('(12|)', jobs).pipe(handleWith(() => attempt, { scheduler }));

      expectObservable(handled, '^ 1399ms !').toBe('-');
      expectSubscriptions(attempt.subscriptions).toBe([
        '(^!)',
        '200ms (^!)',
        '600ms (^!)',
        // The test ends before the next retry, which would begin at 1400 ms.
      ]);
    }),
  );

  it(
    'handleWith with retryStrategy stop errors with an EventHandlingError if an event fails, and unsubscribes from the source',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source = cold<Event>('(12)-3', jobs);
      const options = { scheduler, watcherId: 'me', maxRetries: 0, retryStrategy: 'stop' } as const;
      const handled = source.pipe(handleWith(() => cold('-#', {}, 'no'), options));

      expectObservable(handled).toBe('-#', undefined, new EventHandlingError('me', 1, 1, 'no'));
      expectSubscriptions(source.subscriptions).toBe('^!');
    }),
  );

  it(
    'handleWith fails an attempt that takes longer than handlerTimeout',
    inVirtualTime(({ cold, expectObservable, scheduler }) => {
      const options = { scheduler, handlerTimeout: 3, maxRetries: 0, retryStrategy: 'skip' } as const;
      const handled = cold<Event>('1|', jobs).pipe(
        handleWith(() => NEVER, options),
        asMarbles,
      );

      expectObservable(handled).toBe('---(a|)');
    }),
  );

  it(
    'handleWith passes an error of the source on immediately, and ends the attempt in flight',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const attempt = cold('---|');
      const handled = cold<Event>('1-#', jobs, 'lost').pipe(handleWith(() => attempt, { scheduler }));

      expectObservable(handled).toBe('--#', undefined, 'lost');
      expectSubscriptions(attempt.subscriptions).toBe('^-!');
    }),
  );

  it('handleWith passes the watcher id, the attempt number and an abort signal to the handler', () => {
    const contexts: HandlerContext[] = [];
    const handler = (_event: Event, context: HandlerContext) => {
      contexts.push(context);
      return contexts.length === 1 ? EMPTY : NEVER;
    };
    const events$ = new Subject<Event>();
    const subscription = events$.pipe(handleWith(handler, { watcherId: 'me' })).subscribe();
    events$.next(storedEvent(1));
    events$.next(storedEvent(2));
    events$.next(storedEvent(3));

    expect(contexts).toMatchObject([
      { watcherId: 'me', attempt: 1 },
      { watcherId: 'me', attempt: 1 },
    ]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    subscription.unsubscribe();
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });

  it('handleWith counts attempts separately for each subscription', () => {
    const attempts: number[] = [];
    const handled = of(storedEvent(1)).pipe(
      handleWith((_event, { attempt }) => {
        attempts.push(attempt);
      }),
    );
    handled.subscribe();
    handled.subscribe();
    expect(attempts).toEqual([1, 1]);
  });
});
