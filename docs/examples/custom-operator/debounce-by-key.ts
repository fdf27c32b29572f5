/**
 * An operator of one's own, made of operators: `debounceTime` for each key apart. Of an object that changes many times
 * in a row, only its last event passes, once it was left in peace for a while. Others are not kept waiting by it.
 *
 * What passes is in the order in which objects come to rest, which is not that of the log. So it suits what is read
 * (an index, a screen), and has no place before `checkpointTo`: a checkpoint would get ahead of what waits.
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
 * @param keyOf - Values of one key take the place of one another.
 * @param quiet - How long a key has to be left in peace, in milliseconds.
 * @param scheduler - What that time runs on.
 */
export const debounceByKey =
  <T>(
    keyOf: (value: T) => string,
    quiet: number,
    scheduler: SchedulerLike = asyncScheduler,
  ): MonoTypeOperatorFunction<T> =>
  (source) =>
    defer(() => {
      const gone$ = new Subject<void>();
      return source.pipe(
        // A group ends when its key comes to rest, and takes no room from then on.
        groupBy(keyOf, {
          // `groupBy` stays subscribed to its source while a duration listens: it has to be told of the end.
          duration: (group) => group.pipe(debounceTime(quiet, scheduler), takeUntil(gone$)),
        }),
        mergeMap((group) => group.pipe(takeLast(1))),
        finalize(() => gone$.next()),
      );
    });
