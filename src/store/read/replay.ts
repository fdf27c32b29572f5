import { defer, ignoreElements, map, type Observable, of, tap, using, zip } from 'rxjs';
import type { StoredRecord } from '../../engine/contract/record.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import { pullLoop } from '../../scheduling/pull-loop.ts';
import type { Step } from '../../scheduling/step.ts';
import type { EventsOptions } from '../event-store.ts';
import { atPosition, type Position } from './position.ts';
import type { ReadContext } from './read-context.ts';
import { type Page, readRecords } from './read-page.ts';

/** Default of the maximum number of events that one read scans. */
const BATCH_SIZE = 1000;

/**
 * Emits the events of the log, page by page. The next page is read when all events of the previous page are emitted.
 *
 * @param toResults - Converts records from an index on: at least one record, and only a few, because a consumer can
 *   unsubscribe early. Fails only if the first of these records cannot be decoded.
 */
export function replay<T>(
  context: ReadContext,
  from: EventIterator,
  options: EventsOptions,
  toResults: (records: readonly StoredRecord[], from: number) => readonly T[],
): Observable<T> {
  const { log, appends, isClosed, retainFrom, keepAlive } = context;
  const { filter, batchSize = BATCH_SIZE, live = true } = options;
  const request = { filter, maxScanned: batchSize, limit: batchSize };

  /**
   * Returns the begin function of the pull loop. The steps of the loop resolve the position, and then read and emit one page
   * after another.
   *
   * @param pin - Pin of the replay. Its `seqNum` is the number of the last event before the page that is being emitted.
   */
  const pageSteps = (pin: { seqNum: number }) => () => {
    let position: Position = { after: 0, iterator: from };
    let end = Number.POSITIVE_INFINITY;
    let page: Page<StoredRecord> | undefined;
    let emitted = 0;
    let mark = appends.mark();

    const resolvePosition = zip(atPosition(log, from, of), log.bounds()).pipe(
      map(([start, { latest }]) => {
        position = start;
        if (!live) end = latest;
      }),
      ignoreElements(),
    );
    const read = () => {
      mark = appends.mark();
      pin.seqNum = position.after;
      return readRecords(log, position, request).pipe(
        tap((next) => {
          page = live ? next : { ...next, items: next.items.filter(({ seqNum }) => seqNum <= end) };
          position = next.next;
          emitted = 0;
        }),
        ignoreElements(),
      );
    };
    let step: () => Step<T> = () => {
      step = readPage;
      return resolvePosition;
    };
    const readPage = (): Step<T> => {
      if (isClosed() || position.after >= end) return undefined;
      step = emitPage;
      return read();
    };
    const emitPage = (): Step<T> => {
      const { items, moved } = page as Page<StoredRecord>;
      if (emitted < items.length) {
        const results = toResults(items, emitted);
        emitted += results.length;
        return results;
      }
      step = readPage;
      if (moved) return [];
      return live ? appends.since(mark) : undefined;
    };
    return () => step();
  };
  return defer(() => {
    const pin = { seqNum: 0 };
    return using(
      () => {
        const resources = retainFrom(() => pin.seqNum);
        if (live) resources.add(keepAlive());
        return resources;
      },
      () => pullLoop(pageSteps(pin), context.options.scheduler),
    );
  });
}
