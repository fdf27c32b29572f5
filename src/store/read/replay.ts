import { defer, ignoreElements, map, type Observable, of, tap, using, zip } from 'rxjs';
import type { StoredRecord } from '../../engine/contract/record.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import { pullLoop, type Step } from '../../scheduling/pull-loop.ts';
import type { EventsOptions } from '../event-store.ts';
import { atPosition, type Position } from './position.ts';
import type { ReadContext } from './read-context.ts';
import { type Page, readRecords } from './read-page.ts';

/** Events examined per read, unless the caller says otherwise. */
const BATCH_SIZE = 1000;

/**
 * The page loop, flattened: one page after another, each read when the one before was taken.
 *
 * @param toResults - What records are given as, from an index on: of one at least, and of no more than one who leaves early
 *   may pay for. A record that cannot be decoded comes behind those that can.
 */
export function replay<T>(
  parts: ReadContext,
  from: EventIterator,
  options: EventsOptions,
  toResults: (records: readonly StoredRecord[], from: number) => readonly T[],
): Observable<T> {
  const { log, appends, isClosed, retainFrom, keepAlive } = parts;
  const { filter, batchSize = BATCH_SIZE, live = true } = options;
  const request = { filter, maxScanned: batchSize, limit: batchSize };

  /** The last event before the page that is being emitted: garbage collection keeps what comes after it. */
  const begin = (reached: { seqNum: number }) => () => {
    let place: Position = { after: 0, iterator: from };
    let end = Number.POSITIVE_INFINITY;
    let page: Page<StoredRecord> | undefined;
    let given = 0;
    let mark = appends.mark();

    const resolve = zip(atPosition(log, from, of), log.bounds()).pipe(
      map(([start, { latest }]) => {
        place = start;
        if (!live) end = latest;
      }),
      ignoreElements(),
    );
    const read = () => {
      mark = appends.mark();
      reached.seqNum = place.after;
      return readRecords(log, place, request).pipe(
        tap((next) => {
          page = live ? next : { ...next, items: next.items.filter(({ seqNum }) => seqNum <= end) };
          place = next.next;
          given = 0;
        }),
        ignoreElements(),
      );
    };
    let step: () => Step<T> = () => {
      step = takePage;
      return resolve;
    };
    const takePage = (): Step<T> => {
      if (isClosed() || place.after >= end) return undefined;
      step = givePage;
      return read();
    };
    const givePage = (): Step<T> => {
      const { items, moved } = page as Page<StoredRecord>;
      if (given < items.length) {
        const results = toResults(items, given);
        given += results.length;
        return results;
      }
      step = takePage;
      if (moved) return [];
      return live ? appends.since(mark) : undefined;
    };
    return () => step();
  };
  return defer(() => {
    const reached = { seqNum: 0 };
    return using(
      () => {
        const held = retainFrom(() => reached.seqNum);
        if (live) held.add(keepAlive());
        return held;
      },
      () => pullLoop(begin(reached), parts.options.scheduler),
    );
  });
}
