import { Observable, type SchedulerLike, type Subscriber, Subscription, switchMap, timer } from 'rxjs';
import type { EventLog, LogPage } from '../../engine/contract/event-log.ts';
import type { StoredRecord } from '../../engine/contract/record.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import { forEachSliced } from '../../scheduling/for-each-sliced.ts';
import { createFilterIndex, type FilteredFields } from './filter-index.ts';

/** Interval of the progress notifications while many readers wait, in milliseconds. */
const PROGRESS_INTERVAL = 1000;

/**
 * Duration of the pause after each slice of progress notifications, as a multiple of the duration of the slice. Appends and
 * handlers can run in the pauses: the notifications take at most one thirteenth of the time.
 */
const PAUSE_RATIO = 12;

/**
 * Maximum number of appended records that are scanned for the waiting readers. If an append has more records, all readers
 * wake.
 */
const MAX_SCANNED = 10_000;

/** Maximum number of waiting readers that are notified of progress without a delay. */
const MAX_UNDELAYED_READERS = 16;

/** Reader that waits for an append. */
interface WaitingReader {
  /**
   * Receives the number up to which the filter of the reader excludes every event; completed when the reader must read
   * again.
   */
  readonly subscriber: Subscriber<number>;
  /** Removes the reader from the filter index. If no other reader waits, cancels the pending progress notification. */
  readonly leave: () => void;
}

/** Append notifier that wakes a reader only for matching events. */
export interface FilteredAppendNotifier {
  /**
   * Completes when an event is appended that matches the filter, or when the notifier cannot decide whether an appended
   * event matches. Until then, emits increasing numbers up to which no event matches the filter.
   *
   * A number is emitted immediately while at most 16 readers wait. Otherwise, it is emitted within about a second, or later
   * if the notifications of all readers take more than one time slice.
   *
   * @param position - Sequence number of the last event that the reader has scanned.
   */
  since(position: number, filter: EventFilter): Observable<number>;
  /**
   * Wakes the readers with a filter that matches an appended record.
   *
   * @param appended - Records of the append, in order. If the array is empty, the notifier reads the records from the log.
   */
  wake(appended: readonly StoredRecord[]): void;
  /** Wakes all readers, regardless of their filters. */
  wakeAll(): void;
}

/**
 * Creates a filtered append notifier. Even if ten thousand readers wait, an append costs at most one read of the appended
 * records, without their payloads, and a search in the filter index.
 */
export function createFilteredAppendNotifier(
  log: Pick<EventLog, 'read'>,
  scheduler: SchedulerLike,
): FilteredAppendNotifier {
  const index = createFilterIndex<WaitingReader>();
  const waiting = new Set<WaitingReader>();
  /** Sequence number up to which no event matches the filter of any waiting reader. */
  let lastScanned = 0;
  /** Pending progress notification of all readers. */
  let tick: Subscription | undefined;

  const cancelTick = (): void => {
    tick?.unsubscribe();
    tick = undefined;
  };
  /**
   * Notifies a reader of progress, unless the reader was woken in the meantime. Events up to `lastScanned` can match the
   * filter of a woken reader, so this number is not valid progress for that reader.
   */
  const notify = (reader: WaitingReader): void => {
    if (waiting.has(reader)) reader.subscriber.next(lastScanned);
  };
  const notifyLater = (): void => {
    if (tick !== undefined) return;
    let notified = lastScanned;
    const notifyAll = () => {
      notified = lastScanned;
      return forEachSliced([...waiting], notify, scheduler, PAUSE_RATIO);
    };
    const complete = () => {
      tick = undefined;
      if (lastScanned > notified) notifyLater();
    };
    tick = new Subscription();
    tick.add(timer(PROGRESS_INTERVAL, scheduler).pipe(switchMap(notifyAll)).subscribe({ complete }));
  };
  /** Emits `passed` to readers, and completes their Observables. Each reader then reads the log after this number. */
  const wakeReaders = (readers: Iterable<WaitingReader>, passed: number): void => {
    const woken = [...readers];
    for (const { leave } of woken) leave();
    const wakeOne = ({ subscriber }: WaitingReader) => {
      subscriber.next(passed);
      subscriber.complete();
    };
    forEachSliced(woken, wakeOne, scheduler).subscribe();
  };
  const wakeAll = (): void => wakeReaders(waiting, lastScanned);

  /**
   * Wakes the readers of matching records, and notifies all other readers that their filters exclude the records up to
   * `upTo`.
   */
  const onRecords = (records: readonly FilteredFields[], upTo: number): void => {
    if (upTo <= lastScanned) return;
    const passed = lastScanned;
    lastScanned = upTo;
    wakeReaders(index.matching(records), passed);
    if (waiting.size > MAX_UNDELAYED_READERS) {
      notifyLater();
      return;
    }
    cancelTick();
    for (const reader of [...waiting]) notify(reader);
  };
  const onPage = (from: number, page: LogPage): void => {
    // The page lacks appended records if there are more than the limit, or if some were deleted before the read. Each reader
    // must then read the log itself.
    if (page.lastScannedSeqNum < page.latest || page.oldest > from + 1) wakeAll();
    else onRecords(page.records, page.lastScannedSeqNum);
  };

  /** Adds a reader to the filter index. Returns the `leave` of the reader. */
  const addReader = (subscriber: Subscriber<number>, filter: EventFilter): (() => void) => {
    const leave = () => {
      removeFromIndex();
      waiting.delete(reader);
      if (waiting.size === 0) cancelTick();
    };
    const reader = { subscriber, leave };
    const removeFromIndex = index.add(filter, reader);
    waiting.add(reader);
    return leave;
  };
  return {
    since: (position, filter) =>
      new Observable((subscriber) => {
        if (waiting.size === 0) lastScanned = Math.max(lastScanned, position);
        if (position >= lastScanned) subscriber.add(addReader(subscriber, filter));
        // The notifier has already scanned records after `position` for the other readers, but not for this reader. One of
        // these records can match its filter, so this reader must read the log again.
        else subscriber.complete();
      }),
    wake(appended) {
      if (waiting.size === 0) return;
      const after = lastScanned;
      const [first, last] = [appended[0], appended.at(-1)];
      if (first !== undefined && last !== undefined && first.seqNum <= after + 1) {
        onRecords(appended, last.seqNum);
        return;
      }
      const request = { after, filter: undefined, maxScanned: MAX_SCANNED, limit: MAX_SCANNED };
      // Wake all readers if the records cannot be read: each reader then fails with the error, or reads successfully.
      log
        .read({ maxBytes: Number.POSITIVE_INFINITY, ...request })
        .subscribe({ next: (page) => onPage(after, page), error: wakeAll });
    },
    wakeAll,
  };
}
