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

/** How a log is copied. */
export interface CopyOptions {
  /** The most events of one append, and so the least that comes between two reports. Default 1000. */
  readonly batchSize?: number | undefined;
}

/** How far a copy has come. */
export interface CopyProgress {
  /** How many events were copied since it was subscribed to. */
  readonly copied: number;
  /** How many there were to copy when it was subscribed to. */
  readonly total: number;
  /** The last event that the target holds. */
  readonly seqNum: number;
}

const CopyOptionsCodec = optionsCodec('{ batchSize: 500 }', { batchSize: wholeFrom(1) });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('copy', faults);

/** A store that takes events of another log. */
type Target<E extends Event> = EventStore<E> & Required<Pick<EventStore<E>, 'importEvents'>>;

/** The first event at a place; `undefined` at the tail. */
const first = <E extends Event>(store: EventStore<E>, iterator: EventIterator): Observable<E | undefined> =>
  store
    .getEvents({ iterator, limit: 1, batchSize: 1, longPollingTimeout: 0 })
    .pipe(map(({ events: [event] }) => event));

/** The event of a number; `undefined` if it was let go of. */
const held = <E extends Event>(store: EventStore<E>, seqNum: number): Observable<E | undefined> =>
  first(store, atSequenceNumber(seqNum)).pipe(
    catchError((error) => {
      if (error instanceof SequenceTrimmedError) return of(undefined);
      throw error;
    }),
  );

const isSame = (one: Event, other: Event): boolean =>
  one.operation === other.operation &&
  one.objectType === other.objectType &&
  one.timestamp.getTime() === other.timestamp.getTime();

/** Makes sure that the last event of the target is that of the source; what one has let go of cannot be compared. */
const compared = <E extends Event>(
  source: EventStore<E>,
  target: EventStore<E>,
  seqNum: number,
): Observable<number> =>
  zip(held(source, seqNum), held(target, seqNum)).pipe(
    map(([there, here]) => {
      if (there === undefined || here === undefined || isSame(there, here)) return seqNum;
      throw new CopyConflictError(seqNum, 'the target holds another event of that number than the source');
    }),
  );

/**
 * Copies a log into another store, which is to be empty: events with their numbers and times, and checkpoints. Emits how
 * far it has come, first of all and behind each append, and completes when all is copied that was there at subscription.
 *
 * Subscribe again, after whatever end, and it goes on behind the last event that the target holds, be it that the process
 * was killed: each append is all or nothing (on JetStream, a beginning or all of it), and takes place only where it follows
 * on. Once more when nobody writes to the source any longer, and the move is done. Checkpoints are written before the events, so that the target's garbage
 * collection knows what is needed, and again behind them. Leases and dead letters stay behind.
 *
 * @param source - It is read, and holds its place against its own garbage collection meanwhile.
 * @param target - Empty, or what an earlier copy of this source has left; nobody else writes to it yet.
 * @param options.batchSize - The most events of one append. Default 1000.
 * @throws CopyConflictError if the target holds anything else; nothing more was written.
 * @throws PartialBatchError if somebody else, or a lack of room, comes between on JetStream; it tells what was written.
 * @throws InvalidOptionsError if the target's engine cannot take events of another log.
 * @throws SequenceTrimmedError if the source has let go of what comes next.
 * @throws DeserializationError, SerializationError at an event that the source cannot read or the target not hold.
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
      throw invalid([{ path: 'target', message: 'its engine cannot take events of another log' }]);
    }
    return zip(source.getLatestSeqNum(), target.getLatestSeqNum()).pipe(
      switchMap(([end, reached]) =>
        placeIn(source, target, reached, end).pipe(
          switchMap((start) => copyFrom(source, target as Target<E>, start, end, batchSize)),
        ),
      ),
    );
  });

/** Where to go on: behind the last event of the target, or before the first one of the source. */
function placeIn<E extends Event>(
  source: EventStore<E>,
  target: EventStore<E>,
  reached: number,
  end: number,
): Observable<number> {
  if (reached > end) throw new CopyConflictError(reached, `the source ends at ${end}`);
  if (reached > 0) return compared(source, target, reached);
  return first(source, trimHorizon()).pipe(map((event) => (event === undefined ? end : event.seqNum - 1)));
}

function copyFrom<E extends Event>(
  source: EventStore<E>,
  target: Target<E>,
  start: number,
  end: number,
  batchSize: number,
): Observable<CopyProgress> {
  let reached = start;
  const progress = (): CopyProgress => ({ copied: reached - start, total: end - start, seqNum: reached });

  const restore = (events: readonly E[]): Observable<CopyProgress> =>
    from(target.importEvents(reached, events)).pipe(
      map((isRestored) => {
        if (!isRestored) throw new CopyConflictError(reached + 1, 'somebody else has written to the target');
        reached += events.length;
        return progress();
      }),
    );
  const copyPage = defer(() => {
    const limit = Math.min(batchSize, end - reached);
    const iterator = afterSequenceNumber(reached);
    return source.getEvents({ iterator, limit, batchSize: limit, longPollingTimeout: 0 });
  }).pipe(switchMap(({ events }) => restore(events)));
  const events = pullLoop(() => () => (reached < end ? copyPage : undefined), target.internals.scheduler);
  const checkpoints = source.checkpoints().pipe(
    switchMap((all) => from(all)),
    concatMap(([watcherId, seqNum]) => target.storeCheckpoint(watcherId, seqNum)),
    ignoreElements(),
  );
  return using(
    () => source.internals.retainFrom(() => reached),
    () =>
      concat(
        checkpoints,
        defer(() => restore([])),
        events,
        checkpoints,
      ),
  );
}
