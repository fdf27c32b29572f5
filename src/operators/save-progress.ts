import {
  BehaviorSubject,
  concat,
  defer,
  from,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type ObservableInput,
  type SchedulerLike,
  Subject,
  type Subscription,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';
import { type Progress, progressOf } from './progress-of.ts';

/** Writes one number down: that which `newest` tells, be it asked again for another try. */
export type WriteProgress = (newest: () => number) => ObservableInput<unknown>;

/** Which progress may wait to be written. */
export interface Leisure<T> {
  /** Whether it may. */
  readonly mayWait: (progress: T) => boolean;
  /** How long, in milliseconds. */
  readonly interval: number;
  /** What the wait runs on. */
  readonly scheduler: SchedulerLike;
}

/** Writes one number at a time; what comes meanwhile is coalesced into the next write. */
function createSaver(write: WriteProgress) {
  const failed$ = new Subject<never>();
  const idle$ = new BehaviorSubject(true);
  let waiting: number | undefined;
  let underWay = 0;
  let furthest = 0;

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
  return {
    /** Errors if a write does. */
    failed$,
    /** Completes once nothing is left to write. */
    flushed: idle$.pipe(
      takeWhile((idle) => !idle),
      ignoreElements(),
    ),
    /** Notes a number that is to be written; `false` if it does not lie beyond those before, and need not be. */
    note(seqNum = 0): boolean {
      if (seqNum <= furthest) return false;
      furthest = seqNum;
      waiting = seqNum;
      return true;
    },
    /** Writes what was noted, now or behind the write under way. */
    write() {
      if (waiting === undefined || !idle$.value) return;
      idle$.next(false);
      writeNewest();
    },
  };
}

/**
 * Passes everything on and writes down how far it has come: one write at a time, always the newest next.
 *
 * The end of the source waits for the last write; whoever unsubscribes does not wait, but what he was sent is
 * written all the same. A write that fails ends the stream with its error.
 *
 * @param write - Writes one number; what it returns is subscribed to at once.
 * @param leisure - Which progress may wait a while, so that others can be coalesced with it; none by default.
 */
export const saveProgress =
  <T extends Progress>(write: WriteProgress, leisure?: Leisure<T>): MonoTypeOperatorFunction<T> =>
  (source) =>
    defer(() => {
      const saver = createSaver(write);
      let timer: Subscription | undefined;

      const writeNow = () => {
        timer?.unsubscribe();
        timer = undefined;
        saver.write();
      };
      const note = (progress: T) => {
        if (!saver.note(progressOf(progress))) return;
        if (!leisure?.mayWait(progress)) writeNow();
        else timer ??= leisure.scheduler.schedule(writeNow, leisure.interval);
      };
      const passed = source.pipe(
        tap({ next: note, error: writeNow, complete: writeNow, unsubscribe: writeNow }),
      );
      return concat(passed, saver.flushed).pipe(takeUntil(saver.failed$));
    });
