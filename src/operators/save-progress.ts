import {
  BehaviorSubject,
  concat,
  defer,
  from,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type ObservableInput,
  Subject,
  takeUntil,
  takeWhile,
  tap,
} from 'rxjs';
import { type Progress, progressOf } from './progress-of.ts';

/** Writes one number at a time; what comes meanwhile is coalesced into the next write. */
function createSaver(write: (seqNum: number) => ObservableInput<unknown>) {
  const failed$ = new Subject<never>();
  const idle$ = new BehaviorSubject(true);
  let newest: number | undefined;

  const writeNewest = (): void => {
    if (newest === undefined) {
      idle$.next(true);
      return;
    }
    const seqNum = newest;
    newest = undefined;
    from(write(seqNum)).subscribe({ error: (error) => failed$.error(error), complete: writeNewest });
  };
  return {
    /** Errors if a write does. */
    failed$,
    /** Completes once nothing is left to write. */
    flushed: idle$.pipe(
      takeWhile((idle) => !idle),
      ignoreElements(),
    ),
    note(progress: Progress) {
      newest = progressOf(progress) ?? newest;
      if (newest === undefined || !idle$.value) return;
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
 * @param write - Writes one number; it is subscribed to at once.
 */
export const saveProgress =
  <T extends Progress>(write: (seqNum: number) => ObservableInput<unknown>): MonoTypeOperatorFunction<T> =>
  (source) =>
    defer(() => {
      const saver = createSaver(write);
      const passed = source.pipe(tap((value) => saver.note(value)));
      return concat(passed, saver.flushed).pipe(takeUntil(saver.failed$));
    });
