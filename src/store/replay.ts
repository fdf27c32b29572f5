import { ignoreElements, map, type Observable, of, tap, zip } from 'rxjs';
import type { EventIterator } from '../event/event-iterator.ts';
import { pull, type Step } from '../flow/pull.ts';
import type { EventsOptions } from './event-store.ts';
import { atPlace, type Place } from './place.ts';
import { type Page, readRecords } from './read-page.ts';
import type { StoredRecord } from './record.ts';
import type { StoreParts } from './store-parts.ts';

/** Events examined per read, unless the caller says otherwise. */
const BATCH_SIZE = 1000;

/**
 * The page loop, flattened: one page after another, each read when the one before was taken.
 *
 * @param toResult - What a record is given as. Asked one by one, as they are taken: a record that cannot be decoded
 *   comes behind those that can.
 */
export function replay<T>(
  parts: StoreParts,
  from: EventIterator,
  options: EventsOptions,
  toResult: (record: StoredRecord) => T,
): Observable<T> {
  const { log, tail, isClosed } = parts;
  const { filter, batchSize = BATCH_SIZE, live = true } = options;
  const request = { filter, maxExamined: batchSize, maxGiven: batchSize };

  const begin = () => {
    let place: Place = { after: 0, iterator: from };
    let end = Number.POSITIVE_INFINITY;
    let page: Page<StoredRecord> | undefined;
    let mark = tail.mark();

    const resolve = zip(atPlace(log, from, of), log.bounds()).pipe(
      map(([start, { latest }]) => {
        place = start;
        if (!live) end = latest;
      }),
      ignoreElements(),
    );
    const read = () => {
      mark = tail.mark();
      return readRecords(log, place, request).pipe(
        tap((next) => {
          page = next;
          place = next.next;
        }),
        ignoreElements(),
      );
    };
    let step: () => Step<StoredRecord> = () => {
      step = takePage;
      return resolve;
    };
    const takePage = (): Step<StoredRecord> => {
      if (isClosed() || place.after >= end) return undefined;
      step = givePage;
      return read();
    };
    const givePage = (): Step<StoredRecord> => {
      step = takePage;
      if (page?.moved) return live ? page.items : page.items.filter(({ seqNum }) => seqNum <= end);
      return live ? tail.since(mark) : undefined;
    };
    return () => step();
  };
  return pull(begin, parts.options.scheduler).pipe(map(toResult));
}
