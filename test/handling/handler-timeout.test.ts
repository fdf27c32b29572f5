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
    'does not affect an attempt that ends before the timeout',
    attempted({ ...limited, retryStrategy: 'stop' }, { attempt: '--|', subs: '^-!', expected: '--1' }),
  );

  it(
    'limits the time until an attempt completes, even if the attempt emits values before',
    attempted(
      { ...limited, retryStrategy: 'skip', maxRetries: 0 },
      { attempt: 'abcd|', subs: '^--!', expected: '---a' },
    ),
  );

  it(
    'abandons an attempt that takes longer, and retries the event with retryStrategy skip',
    attempted(
      { ...limited, retryStrategy: 'skip' },
      { attempt: '----|', subs: ['^--!', '-----^--!'], expected: '--------a' },
    ),
  );

  it(
    'makes the watcher fail with a TimeoutError as the cause with retryStrategy stop',
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
    'fails an attempt that takes longer with a custom retry strategy',
    attempted(
      { ...limited, retryStrategy: twice },
      { attempt: '-', subs: ['^--!', '---^--!'], expected: '------a' },
    ),
  );

  it(
    'fails each attempt that takes longer with retryStrategy block',
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
    'passes the TimeoutError to retryIf',
    attempted(
      { ...limited, retryStrategy: 'skip', retryIf: (error) => !(error instanceof TimeoutError) },
      { attempt: '-', subs: '^--!', expected: '---a' },
    ),
  );

  it(
    'aborts only the signal of the attempt that takes longer',
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
    'cancels its timer when the attempt ends',
    withStore(({ store, scheduler, flush }) => {
      fill(store, 'Job');
      watch(store, 'w', { handlerTimeout: 1000, handler: () => EMPTY }).subscribe();
      flush();
      expect(scheduler.now()).toBe(0);
    }),
  );

  it(
    'does not limit attempts by default',
    attempted({}, { attempt: '86400s |', subs: '^ 86399999ms !', expected: '86400s 1' }),
  );
});
