/**
 * A custom operator, composed of RxJS operators: `debounceTime` per key. If an object changes several times in succession,
 * only its last event is emitted, when the object has not changed for a time. Events of other keys are not delayed.
 *
 * Events are emitted in the order in which their objects become quiet, not in the order of the log. This suits an index
 * or a screen. Do not use it before `checkpointTo`: the checkpoint would pass events that still wait.
 */
import {
  asyncScheduler,
  debounceTime,
  defer,
  finalize,
  groupBy,
  type MonoTypeOperatorFunction,
  mergeMap,
  type SchedulerLike,
  Subject,
  takeLast,
  takeUntil,
} from 'rxjs';

/**
 * Emits the last value of a key after a time without another value of that key.
 *
 * @param keyOf - Returns the key of a value.
 * @param quiet - Time without another value, in milliseconds.
 * @param scheduler - Scheduler of the timers.
 */
export const debounceByKey =
  <T>(
    keyOf: (value: T) => string,
    quiet: number,
    scheduler: SchedulerLike = asyncScheduler,
  ): MonoTypeOperatorFunction<T> =>
  (source) =>
    defer(() => {
      const ended$ = new Subject<void>();
      return source.pipe(
        // A group ends when its key is quiet, which frees its memory.
        groupBy(keyOf, {
          // `groupBy` stays subscribed to its source while a duration is active, so end it on unsubscription.
          duration: (group) => group.pipe(debounceTime(quiet, scheduler), takeUntil(ended$)),
        }),
        mergeMap((group) => group.pipe(takeLast(1))),
        finalize(() => ended$.next()),
      );
    });
