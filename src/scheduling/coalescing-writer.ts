import {
  BehaviorSubject,
  defer,
  from,
  ignoreElements,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  Subject,
  type Subscription,
  takeWhile,
} from 'rxjs';
import { clockOf } from './clock.ts';

/** Writes one number, the result of `newest`. A retry calls `newest` again and may get a higher number. */
export type WriteProgress = (newest: () => number) => ObservableInput<unknown>;

/** Maximum delay of a write, and the scheduler of its timer. */
export interface Debounce {
  /** Maximum delay, in milliseconds. */
  readonly debounceMs: number;
  /** Clock and timers of the delay. */
  readonly scheduler: SchedulerLike;
}

/** Writes increasing numbers, one write at a time. While a write is in flight, a newer number replaces a pending one. */
export interface CoalescingWriter {
  /** Errors if a write fails. Never emits. */
  readonly failed$: Observable<never>;
  /** Writes a number now, or after the write in flight. Ignores a number that is not higher than all previous ones. */
  write(seqNum: number | undefined): void;
  /** Writes a number like `write`, but may delay the write so that it includes later numbers. */
  writeDebounced(seqNum: number, debounce: Debounce): void;
  /** Starts a delayed write immediately. */
  writeNow(): void;
  /** Starts a delayed write at subscription, and completes when no write is pending or in flight. */
  readonly flushed: Observable<never>;
}

/**
 * Creates a writer that coalesces numbers.
 *
 * @param write - Writes one number. Its result is subscribed to immediately.
 */
export function createCoalescingWriter(write: WriteProgress): CoalescingWriter {
  const failed$ = new Subject<never>();
  const idle$ = new BehaviorSubject(true);
  let pending: number | undefined;
  let inFlight = 0;
  let highest = 0;
  let timer: Subscription | undefined;
  /** Time of the last debounced write; `Infinity` before the first one, which is therefore always delayed. */
  let writtenAt = Number.POSITIVE_INFINITY;

  const newest = (): number => {
    inFlight = pending ?? inFlight;
    pending = undefined;
    return inFlight;
  };
  const writeNewest = (): void => {
    if (pending === undefined) {
      idle$.next(true);
      return;
    }
    from(write(newest)).subscribe({ error: (error) => failed$.error(error), complete: writeNewest });
  };
  const writeNow = (): void => {
    timer?.unsubscribe();
    timer = undefined;
    if (pending === undefined || !idle$.value) return;
    idle$.next(false);
    writeNewest();
  };
  /** Makes the number pending if it is the highest one. Returns whether it is. */
  const advance = (seqNum = 0): boolean => {
    if (seqNum <= highest) return false;
    highest = seqNum;
    pending = seqNum;
    return true;
  };
  return {
    failed$,
    write(seqNum) {
      if (advance(seqNum)) writeNow();
    },
    writeDebounced(seqNum, { debounceMs, scheduler }) {
      if (!advance(seqNum) || timer !== undefined) return;
      const clock = clockOf(scheduler);
      const write = () => {
        writtenAt = clock();
        writeNow();
      };
      // If numbers arrive rarely, write immediately: a timer would coalesce nothing.
      if (clock() - writtenAt >= debounceMs / 2) write();
      else timer = scheduler.schedule(write, debounceMs);
    },
    writeNow,
    flushed: defer(() => {
      writeNow();
      return idle$.pipe(
        takeWhile((idle) => !idle),
        ignoreElements(),
      );
    }),
  };
}
