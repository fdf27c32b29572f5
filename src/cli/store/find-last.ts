import { catchError, lastValueFrom, map, of, takeLast, toArray } from 'rxjs';
import {
  afterSequenceNumber,
  type EventFilter,
  type EventIterator,
  SequenceTrimmedError,
  trimHorizon,
} from '../../index.ts';
import type { OpenStore } from './open-store.ts';

/** Number of events at the end of the log that are searched first. */
const FIRST_RANGE = 1000;

/** Emits the sequence numbers of the last `count` matching events from an iterator on. */
const lastFrom = (store: OpenStore, from: EventIterator, filter: EventFilter, count: number) =>
  store.headers(from, { filter, live: false, batchSize: 10_000 }).pipe(
    map(({ seqNum }) => seqNum),
    takeLast(count),
    toArray(),
  );

/**
 * Returns the iterator at the first of the last `count` events that match a filter.
 *
 * A log can only be read forwards. The search therefore starts near the end. If the search finds too few events, it starts
 * again ten times as far from the end. The search reads only the headers of events, without their objects.
 */
export async function findLast(store: OpenStore, filter: EventFilter, count: number): Promise<EventIterator> {
  const end = await lastValueFrom(store.getLatestSeqNum());
  if (count === 0) return afterSequenceNumber(end);
  for (let range = FIRST_RANGE; ; range *= 10) {
    const start = Math.max(0, end - range);
    let isWholeLog = start === 0;
    const found$ = lastFrom(
      store,
      isWholeLog ? trimHorizon() : afterSequenceNumber(start),
      filter,
      count,
    ).pipe(
      catchError((error) => {
        if (!(error instanceof SequenceTrimmedError)) throw error;
        isWholeLog = true;
        return of(undefined);
      }),
    );
    const found =
      (await lastValueFrom(found$)) ?? (await lastValueFrom(lastFrom(store, trimHorizon(), filter, count)));
    if (found.length === count || isWholeLog) return afterSequenceNumber((found[0] ?? end + 1) - 1);
  }
}
