import {
  catchError,
  concat,
  concatMap,
  defer,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  switchMap,
  using,
  zip,
} from 'rxjs';
import { CopyConflictError, type Fault, InvalidOptionsError, SequenceTrimmedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type EventIterator,
  trimHorizon,
} from '../event/event-iterator.ts';
import { pullLoop } from '../scheduling/pull-loop.ts';
import { check } from '../validation/check.ts';
import { options as optionsCodec } from '../validation/options.ts';
import { wholeFrom } from '../validation/types.ts';
import type { EventStore } from './event-store.ts';
import { requireStore } from './require-store.ts';

/** Options of `copyLog`. */
export interface CopyOptions {
  /**
   * Maximum number of events per append. The copy emits its progress after each append.
   *
   * @defaultValue 1000
   */
  readonly batchSize?: number | undefined;
}

/** Progress of a copy, emitted at its start and after each append. */
export interface CopyProgress {
  /** Number of events copied since the subscription. */
  readonly copied: number;
  /** Number of events to copy, counted at the subscription. */
  readonly total: number;
  /** Sequence number after which the copy continues: the last event of the target, if the target has one. */
  readonly seqNum: number;
}

const CopyOptionsCodec = optionsCodec('{ batchSize: 500 }', { batchSize: wholeFrom(1) });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('copy', faults);

/** Store with an engine that can import events of another log. */
type Target<E extends Event> = EventStore<E> & Required<Pick<EventStore<E>, 'importEvents'>>;

/** Emits the first event from an iterator on, or `undefined` at the end of the log. */
const firstEvent = <E extends Event>(
  store: EventStore<E>,
  iterator: EventIterator,
): Observable<E | undefined> =>
  store
    .getEvents({ iterator, limit: 1, batchSize: 1, longPollingTimeout: 0 })
    .pipe(map(({ events: [event] }) => event));

/** Emits the event of a sequence number, or `undefined` if it has been deleted. */
const eventAt = <E extends Event>(store: EventStore<E>, seqNum: number): Observable<E | undefined> =>
  firstEvent(store, atSequenceNumber(seqNum)).pipe(
    catchError((error) => {
      if (error instanceof SequenceTrimmedError) return of(undefined);
      throw error;
    }),
  );

const isSameEvent = (left: Event, right: Event): boolean =>
  left.operation === right.operation &&
  left.objectType === right.objectType &&
  left.key === right.key &&
  left.id === right.id &&
  left.timestamp.getTime() === right.timestamp.getTime();

/**
 * Emits `seqNum` if source and target have the same event under this number. Skips the comparison if the source or the
 * target has deleted the event.
 *
 * @throws {@link CopyConflictError} if the events differ.
 */
const assertSameEvent = <E extends Event>(
  source: EventStore<E>,
  target: EventStore<E>,
  seqNum: number,
): Observable<number> =>
  zip(eventAt(source, seqNum), eventAt(target, seqNum)).pipe(
    map(([sourceEvent, targetEvent]) => {
      if (sourceEvent === undefined || targetEvent === undefined || isSameEvent(sourceEvent, targetEvent)) {
        return seqNum;
      }
      throw new CopyConflictError(seqNum, 'the target has a different event with this sequence number');
    }),
  );

/**
 * Copies a log into another store: events with their sequence numbers and timestamps, and checkpoints. Emits the progress at
 * the start and after each append. Completes when all events that the source had at the subscription are copied.
 *
 * A new subscription continues after the last event of the target, even if the process was killed during an earlier copy. An
 * append stores all of its events or none of them; on JetStream, it can also store only the first events. To move a log
 * completely, stop all writers of the source and subscribe again: the second copy adds the remaining events.
 *
 * Checkpoints are written before the events, so that garbage collection of the target respects the checkpoints. The
 * checkpoints are written again after the events, because watchers can move them during the copy. Leases and dead letters
 * are not copied.
 *
 * @param source - Store to read. During the copy, its garbage collection by age does not delete events that are not yet
 *   copied.
 * @param target - Empty store, or the target of an earlier copy of this source. It must have no other writer.
 * @throws {@link CopyConflictError} if the target differs from the source or has another writer; nothing more is written.
 * @throws {@link PartialBatchError} if JetStream stores only some events of an append.
 * @throws {@link InvalidOptionsError} if an argument is not valid, or the engine of the target cannot import events.
 * @throws {@link SequenceTrimmedError} if the source has deleted the next event to copy.
 * @throws {@link DeserializationError} if the source cannot read an event.
 * @throws {@link SerializationError} if the target cannot serialize an object.
 * @see [Moving a log](../../docs/guides/moving-a-log.md)
 * @example
 * copyLog(openLmdbStore({ path: './old.lmdb' }), target).subscribe(({ copied, total }) => report(copied / total));
 */
export const copyLog = <E extends Event>(
  source: EventStore<E>,
  target: EventStore<E>,
  options: CopyOptions = {},
): Observable<CopyProgress> =>
  defer(() => {
    requireStore('source', source, 'getEvents', 'checkpoints');
    requireStore('target', target, 'getEvents', 'storeCheckpoint');
    const { batchSize = 1000 } = check(CopyOptionsCodec, options, invalid);
    if (target.importEvents === undefined) {
      throw invalid([{ path: 'target', message: 'must have an engine that can import events' }]);
    }
    return zip(source.getLatestSeqNum(), target.getLatestSeqNum()).pipe(
      switchMap(([end, lastCopied]) =>
        startPosition(source, target, lastCopied, end).pipe(
          switchMap((start) => copyFrom(source, target as Target<E>, start, end, batchSize)),
        ),
      ),
    );
  });

/**
 * Emits the number after which the copy starts: the number of the last event of the target. If the target is empty, emits
 * the number before the first event of the source.
 */
function startPosition<E extends Event>(
  source: EventStore<E>,
  target: EventStore<E>,
  lastCopied: number,
  end: number,
): Observable<number> {
  if (lastCopied > end) throw new CopyConflictError(lastCopied, `the source ends at ${end}`);
  if (lastCopied > 0) return assertSameEvent(source, target, lastCopied);
  return firstEvent(source, trimHorizon()).pipe(
    map((event) => (event === undefined ? end : event.seqNum - 1)),
  );
}

function copyFrom<E extends Event>(
  source: EventStore<E>,
  target: Target<E>,
  start: number,
  end: number,
  batchSize: number,
): Observable<CopyProgress> {
  let lastCopied = start;
  const progress = (): CopyProgress => ({
    copied: lastCopied - start,
    total: end - start,
    seqNum: lastCopied,
  });

  const importPage = (events: readonly E[]): Observable<CopyProgress> =>
    from(target.importEvents(lastCopied, events)).pipe(
      map((isImported) => {
        if (!isImported) {
          throw new CopyConflictError(lastCopied + 1, 'another writer has appended to the target');
        }
        lastCopied += events.length;
        return progress();
      }),
    );
  const copyPage = defer(() => {
    const limit = Math.min(batchSize, end - lastCopied);
    const iterator = afterSequenceNumber(lastCopied);
    return source.getEvents({ iterator, limit, batchSize: limit, longPollingTimeout: 0 });
  }).pipe(switchMap(({ events }) => importPage(events)));
  const events = pullLoop(() => () => (lastCopied < end ? copyPage : undefined), target.internals.scheduler);
  const checkpoints = source.checkpoints().pipe(
    switchMap((all) => from(all)),
    concatMap(([watcherId, seqNum]) => target.storeCheckpoint(watcherId, seqNum)),
    ignoreElements(),
  );
  return using(
    () => source.internals.retainFrom(() => lastCopied),
    () =>
      concat(
        checkpoints,
        // Import an empty list first. This import emits the first progress, and fails if the target has changed since its
        // last number was read.
        defer(() => importPage([])),
        events,
        checkpoints,
      ),
  );
}
