import {
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  mergeAll,
  type Observable,
  Subject,
  startWith,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import type { Event } from '../../event/event.ts';
import { handleEvent } from '../../handling/handle-event.ts';
import type { EventHandler } from '../../handling/handler.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { pullLoop, type Step } from '../../scheduling/pull-loop.ts';
import { createSemaphore } from '../../scheduling/semaphore.ts';
import type { Dispatcher } from './dispatch.ts';
import type { ProgressTracker } from './progress-tracker.ts';
import type { RunContext } from './run-context.ts';

/**
 * Creates a dispatcher that delivers events of one key in order, and events of different keys concurrently.
 *
 * Each key with pending events has a queue. While one queue waits for a retry, the other queues call their handlers. All
 * queued events count as in flight: when `bufferSize` events are in flight, the dispatcher accepts no more.
 */
export function keyed<E extends Event>(
  context: RunContext<E>,
  handler: EventHandler<E>,
  tracker: ProgressTracker,
): Dispatcher<E> {
  const { options, scheduler, ending } = context;
  const { keyOf, concurrency, bufferSize } = options;
  const limited = createSemaphore(concurrency);
  const handling = {
    ...context,
    mayBegin: () => false,
    turn: <T>(attempt: Observable<T>) => limited(context.turn(attempt)),
  };
  const keyQueues = new Map<string, E[]>();
  const queueOutcomes$ = new Subject<Observable<Outcome<E>>>();
  const advanced$ = new Subject<void>();

  const handleKeyless: EventHandler<E> = (event, handlerContext) => {
    keyOf(event);
    return handler(event, handlerContext);
  };
  const startQueue = (key: string, queue: E[]): void => {
    const step = (): Step<Outcome<E>> => {
      advanced$.next();
      const event = ending.isSet ? undefined : queue.shift();
      return event && handleEvent(handling, handler, event);
    };
    const end = () => {
      keyQueues.delete(key);
      advanced$.next();
    };
    keyQueues.set(key, queue);
    queueOutcomes$.next(pullLoop(() => step, scheduler).pipe(tap({ complete: end })));
  };
  const until = (condition: () => boolean): Observable<never> =>
    advanced$.pipe(startWith(undefined), filter(condition), take(1), ignoreElements());

  const enqueue = (event: E, key: string): Observable<never> => {
    const queue = keyQueues.get(key);
    if (queue === undefined) startQueue(key, [event]);
    else queue.push(event);
    return until(() => tracker.size < bufferSize).pipe(takeUntil(ending.set$));
  };
  /**
   * Handles an event for which `keyOf` throws. Each attempt calls `keyOf` again and fails if it throws. The event can have
   * any key, so events before it are handled first, and events after it wait.
   */
  const deliverAlone = (event: E): Observable<Outcome<E>> =>
    concat(
      until(() => keyQueues.size === 0),
      defer(() => (ending.isSet ? EMPTY : handleEvent(context, handleKeyless, event))),
    );

  return {
    deliver(event) {
      let key: string;
      try {
        key = keyOf(event);
      } catch {
        return deliverAlone(event);
      }
      return enqueue(event, key);
    },
    flush: () => until(() => keyQueues.size === 0),
    maxWait: () => Number.POSITIVE_INFINITY,
    concurrentOutcomes$: queueOutcomes$.pipe(mergeAll()),
  };
}
