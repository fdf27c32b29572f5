import { catchError, EMPTY, NEVER, retry } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError, TimeoutError } from '../../src/errors.ts';
import type { HandlerContext } from '../../src/handling/handler.ts';
import type { RetryStrategy } from '../../src/handling/retry-strategy.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../support/watcher/fill.ts';
import { withStore } from '../support/watcher/virtual-store.ts';
import { attempted } from './attempted.ts';

const late = new TimeoutError("the handling of event 1 by watcher 'w'", 3);
const limited = { handlerTimeout: 3, initialBackoff: 2, maxBackoff: 2, maxRetries: 1 } as const;
const twice: RetryStrategy = (attempt) =>
  attempt.pipe(
    retry(1),
    catchError(() => EMPTY),
  );

describe('handlerTimeout', () => {
  it(
    'handlerTimeout does not affect an attempt that ends before the timeout',
    attempted({ ...limited, retryStrategy: 'stop' }, { attempt: '--|', subs: '^-!', expected: '--1' }),
  );

  it(
    'handlerTimeout limits the time until an attempt completes, even if the attempt emits values earlier',
    attempted(
      { ...limited, retryStrategy: 'skip', maxRetries: 0 },
      { attempt: 'abcd|', subs: '^--!', expected: '---a' },
    ),
  );

  it(
    'with retryStrategy skip, an attempt that exceeds handlerTimeout is abandoned and retried',
    attempted(
      { ...limited, retryStrategy: 'skip' },
      { attempt: '----|', subs: ['^--!', '-----^--!'], expected: '--------a' },
    ),
  );

  it(
    'a watcher with retryStrategy stop fails with a TimeoutError as the cause if its attempts exceed handlerTimeout',
    attempted(
      { ...limited, retryStrategy: 'stop' },
      {
        attempt: '-',
        subs: ['^--!', '-----^--!'],
        expected: '--------#',
        error: new EventHandlingError('w', 1, 2, late),
      },
    ),
  );

  it(
    'with a custom retry strategy, an attempt that exceeds handlerTimeout fails',
    attempted(
      { ...limited, retryStrategy: twice },
      { attempt: '-', subs: ['^--!', '---^--!'], expected: '------a' },
    ),
  );

  it(
    'with retryStrategy block, each attempt that exceeds handlerTimeout fails',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      const attempt = cold('-');
      const subs = ['^--!', '-----^--!', '----------^--!', '---------------^!'];
      const watched = watch(store, 'w', { ...limited, handler: () => attempt });

      expectObservable(watched, '^---------------!').toBe('-');
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryIf receives the TimeoutError of an attempt that exceeds handlerTimeout',
    attempted(
      { ...limited, retryStrategy: 'skip', retryIf: (error) => !(error instanceof TimeoutError) },
      { attempt: '-', subs: '^--!', expected: '---a' },
    ),
  );

  it(
    'handlerTimeout aborts only the signal of the attempt that exceeds the timeout',
    withStore(({ store, expectObservable, flush }) => {
      fill(store, 'Job', 'Job');
      const contexts: HandlerContext[] = [];
      const handler = (_event: unknown, context: HandlerContext) => {
        contexts.push(context);
        return context.attempt === 1 ? NEVER : EMPTY;
      };

      expectObservable(watch(store, 'w', { ...limited, handler })).toBe('-----a----b', {
        a: expect.objectContaining({ status: 'handled', seqNum: 1, attempts: 2 }),
        b: expect.objectContaining({ status: 'handled', seqNum: 2, attempts: 2 }),
      });
      flush();
      expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, false, true, false]);
    }),
  );

  it(
    'the timer of handlerTimeout is cancelled when the attempt ends',
    withStore(({ store, scheduler, flush }) => {
      fill(store, 'Job');
      watch(store, 'w', { handlerTimeout: 1000, handler: () => EMPTY }).subscribe();
      flush();
      expect(scheduler.now()).toBe(0);
    }),
  );

  it(
    'attempts have no time limit by default',
    attempted({}, { attempt: '86400s |', subs: '^ 86399999ms !', expected: '86400s 1' }),
  );
});
