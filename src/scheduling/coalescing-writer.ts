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

/** Writes one number down: that which `newest` tells, be it asked again for another try. */
export type WriteProgress = (newest: () => number) => ObservableInput<unknown>;

/** How long progress may wait to be written that has leisure. */
export interface Debounce {
  /** In milliseconds. */
  readonly debounceMs: number;
  /** What the wait runs on. */
  readonly scheduler: SchedulerLike;
}

/** Writes down how far somebody has come: one write at a time, always the newest next. */
export interface CoalescingWriter {
  /** Errors if a write does. */
  readonly failed$: Observable<never>;
  /** Notes a number that is to be written, now or behind the write under way, unless it lies behind one before. */
  write(seqNum: number | undefined): void;
  /** The same of one that may wait a while, so that others can be coalesced with it. */
  writeDebounced(seqNum: number, leisure: Debounce): void;
  /** Lets nothing wait any longer. */
  writeNow(): void;
  /** Does that, and completes once nothing is left to write. */
  readonly flushed: Observable<never>;
}

/**
 * Makes a saver.
 *
 * @param write - Writes one number; what it returns is subscribed to at once.
 */
export function createCoalescingWriter(write: WriteProgress): CoalescingWriter {
  const failed$ = new Subject<never>();
  const idle$ = new BehaviorSubject(true);
  let waiting: number | undefined;
  let underWay = 0;
  let furthest = 0;
  let timer: Subscription | undefined;
  /** When progress that had leisure was written last; the first waits. */
  let writtenAt = Number.POSITIVE_INFINITY;

  const newest = (): number => {
    underWay = waiting ?? underWay;
    waiting = undefined;
    return underWay;
  };
  const writeNewest = (): void => {
    if (waiting === undefined) {
      idle$.next(true);
      return;
    }
    from(write(newest)).subscribe({ error: (error) => failed$.error(error), complete: writeNewest });
  };
  const writeNow = (): void => {
    timer?.unsubscribe();
    timer = undefined;
    if (waiting === undefined || !idle$.value) return;
    idle$.next(false);
    writeNewest();
  };
  /** Whether it lies beyond those before: what does not need not be written. */
  const advance = (seqNum = 0): boolean => {
    if (seqNum <= furthest) return false;
    furthest = seqNum;
    waiting = seqNum;
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
      // Who is told of progress no more often than that has no use for a timer of his own.
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
