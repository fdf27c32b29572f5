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

/** Options of {@link batch}. */
export interface BatchOptions {
  /**
   * Maximum time between the first value of a batch and its emission, in milliseconds.
   *
   * @defaultValue `Infinity`
   */
  readonly maxWait?: number | undefined;
  /**
   * Clock and timer of `maxWait`.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike | undefined;
}

const OptionsCodec = optionsCodec('{ maxWait: 1000 }', { maxWait: delayOrInfinity, scheduler });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of batch', faults);

/**
 * Collects values into non-empty arrays of at most `size` values, in order.
 *
 * Emits a batch when it is full, `maxWait` after its first value, and before an error or the end of the source.
 *
 * @param size - Maximum number of values in a batch, from 1.
 * @throws {@link InvalidOptionsError} if an argument is not valid; thrown by the call. The error lists every fault.
 * @example
 * store.events(trimHorizon()).pipe(batch(500, { maxWait: 1000 }), concatMap((events) => index(events)))
 */
export function batch<T>(size: number, options: BatchOptions = {}): OperatorFunction<T, readonly T[]> {
  const checked = checkAll({ size: [wholeFrom(1), size], '': [OptionsCodec, options] }, invalid);
  const { maxWait = Number.POSITIVE_INFINITY, scheduler = asyncScheduler } = checked[''];
  return (source) =>
    new Observable((subscriber) => {
      let pending: T[] = [];
      let timer: Subscription | undefined;

      const emit = () => {
        timer?.unsubscribe();
        timer = undefined;
        const values = pending;
        pending = [];
        if (values.length > 0) subscriber.next(values);
      };
      const unsubscribed$ = new Subject<void>();
      subscriber.add(() => {
        unsubscribed$.next();
        timer?.unsubscribe();
      });
      // A synchronous source emits before its subscription exists, so only `takeUntil` can stop it.
      source.pipe(takeUntil(unsubscribed$)).subscribe({
        next(value) {
          pending.push(value);
          if (pending.length >= size) emit();
          else if (pending.length === 1 && maxWait < Number.POSITIVE_INFINITY) {
            timer = scheduler.schedule(emit, maxWait);
          }
        },
        error(error) {
          emit();
          subscriber.error(error);
        },
        complete() {
          emit();
          subscriber.complete();
        },
      });
    });
}
