import {
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  Subject,
  type Subscription,
  takeUntil,
} from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import { checkAll } from '../validation/check.ts';
import { options as optionsCodec } from '../validation/options.ts';
import { delayOrInfinity, scheduler, wholeFrom } from '../validation/types.ts';

/** How long a batch may gather. */
export interface BatchOptions {
  /** From a batch's first value on, in milliseconds; then it is given as it is. Default `Infinity`. */
  readonly maxWait?: number | undefined;
  /** What that time runs on. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

const OptionsCodec = optionsCodec('{ maxWait: 1000 }', { maxWait: delayOrInfinity, scheduler });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of batch', faults);

/**
 * Gathers values into arrays of at most `size`, never empty, in order.
 *
 * A batch is given when it is full, when its first value has waited for `maxWait`, and before an error or the end.
 *
 * @param size - The most values of a batch, from 1.
 * @throws InvalidOptionsError, at the call.
 * @example
 * store.events(trimHorizon()).pipe(batch(500, { maxWait: 1000 }), concatMap((events) => index(events)))
 */
export function batch<T>(size: number, options: BatchOptions = {}): OperatorFunction<T, readonly T[]> {
  const checked = checkAll({ size: [wholeFrom(1), size], '': [OptionsCodec, options] }, invalid);
  const { maxWait = Number.POSITIVE_INFINITY, scheduler = asyncScheduler } = checked[''];
  return (source) =>
    new Observable((subscriber) => {
      let gathered: T[] = [];
      let timer: Subscription | undefined;

      const give = () => {
        timer?.unsubscribe();
        timer = undefined;
        const values = gathered;
        gathered = [];
        if (values.length > 0) subscriber.next(values);
      };
      const gone$ = new Subject<void>();
      subscriber.add(() => {
        gone$.next();
        timer?.unsubscribe();
      });
      // Not by its subscription, which is not there yet while a source emits at once.
      source.pipe(takeUntil(gone$)).subscribe({
        next(value) {
          gathered.push(value);
          if (gathered.length >= size) give();
          else if (gathered.length === 1 && maxWait < Number.POSITIVE_INFINITY) {
            timer = scheduler.schedule(give, maxWait);
          }
        },
        error(error) {
          give();
          subscriber.error(error);
        },
        complete() {
          give();
          subscriber.complete();
        },
      });
    });
}
