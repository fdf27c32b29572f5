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
 * Events of one key in order, those of different keys at the same time.
 *
 * Each key that has something to do has a lane. A lane that waits for a retry lets others call their handlers; what
 * comes behind it in its own lane counts as under way, and when `bufferSize` events are, no more is taken over.
 */
export function keyed<E extends Event>(
  context: RunContext<E>,
  handler: EventHandler<E>,
  prefix: ProgressTracker,
): Dispatcher<E> {
  const { options, scheduler, ending } = context;
  const { keyOf, concurrency, bufferSize } = options;
  const limited = createSemaphore(concurrency);
  const handling = {
    ...context,
    mayBegin: () => false,
    turn: <T>(attempt: Observable<T>) => limited(context.turn(attempt)),
  };
  const lanes = new Map<string, E[]>();
  const lanes$ = new Subject<Observable<Outcome<E>>>();
  const moved$ = new Subject<void>();

  const handleKeyless: EventHandler<E> = (event, about) => {
    keyOf(event);
    return handler(event, about);
  };
  const begin = (key: string, lane: E[]): void => {
    const step = (): Step<Outcome<E>> => {
      moved$.next();
      const event = ending.isSet ? undefined : lane.shift();
      return event && handleEvent(handling, handler, event);
    };
    const end = () => {
      lanes.delete(key);
      moved$.next();
    };
    lanes.set(key, lane);
    lanes$.next(pullLoop(() => step, scheduler).pipe(tap({ complete: end })));
  };
  const until = (holds: () => boolean): Observable<never> =>
    moved$.pipe(startWith(undefined), filter(holds), take(1), ignoreElements());

  const deliverInLane = (event: E, key: string): Observable<never> => {
    const lane = lanes.get(key);
    if (lane === undefined) begin(key, [event]);
    else lane.push(event);
    return until(() => prefix.size < bufferSize).pipe(takeUntil(ending.set$));
  };
  /**
   * Handles an event whose key is unknown: each attempt asks for the key again, and fails if `keyOf` throws. The event may
   * be of any key, so events before it are handled first, and events after it wait.
   */
  const deliverAlone = (event: E): Observable<Outcome<E>> =>
    concat(
      until(() => lanes.size === 0),
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
      return deliverInLane(event, key);
    },
    flush: () => until(() => lanes.size === 0),
    maxWait: () => Number.POSITIVE_INFINITY,
    concurrentOutcomes$: lanes$.pipe(mergeAll()),
  };
}
