import { ignoreElements, map, type Observable, tap, zip } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import { pull, type Step } from '../flow/pull.ts';
import type { EventsOptions } from './event-store.ts';
import { resolvePlace } from './place.ts';
import { type Page, readPage } from './read-page.ts';
import type { StoreParts } from './store-parts.ts';

/** Events examined per read, unless the caller says otherwise. */
const BATCH_SIZE = 1000;

/** The page loop, flattened: one page after another, each read when the one before was taken. */
export function replay(parts: StoreParts, from: EventIterator, options: EventsOptions): Observable<Event> {
  const { log, codec, tail, isClosed } = parts;
  const { filter, batchSize = BATCH_SIZE, live = true } = options;

  const begin = () => {
    let place = { after: 0, iterator: from };
    let end = Number.POSITIVE_INFINITY;
    let page: Page | undefined;
    let mark = tail.mark();

    const resolve = zip(resolvePlace(log, from), log.bounds()).pipe(
      map(([start, { latest }]) => {
        place = start;
        if (!live) end = latest;
      }),
      ignoreElements(),
    );
    const read = () => {
      mark = tail.mark();
      return readPage(log, codec, place, { filter, maxExamined: batchSize, maxGiven: batchSize }).pipe(
        tap((next) => {
          page = next;
          place = next.next;
        }),
        ignoreElements(),
      );
    };
    let step: () => Step<Event> = () => {
      step = takePage;
      return resolve;
    };
    const takePage = (): Step<Event> => {
      if (isClosed() || place.after >= end) return undefined;
      step = givePage;
      return read();
    };
    const givePage = (): Step<Event> => {
      step = takePage;
      if (page?.moved) return live ? page.events : page.events.filter(({ seqNum }) => seqNum <= end);
      return live ? tail.since(mark) : undefined;
    };
    return () => step();
  };
  return pull(begin, parts.options.scheduler);
}
