/**
 * A projection: the events about a stock, folded into a Map that is emitted after each event.
 *
 * The state is in memory and needs no checkpoint, because the projection reads the log from the first event. The state contains
 * the sequence number of the last counted event, so that each event counts once. If a read fails, the projection reads from the
 * first event again and skips events up to that number. It can therefore also start with a saved state.
 */
import { type Event, type EventStore, retryWithBackoff, trimHorizon } from 'rx-watcher';
import { distinctUntilChanged, type Observable, scan, startWith } from 'rxjs';

/** Pieces of an article that arrived, or left if the number is negative. */
export type Moved = Event<{ readonly article: string; readonly pieces: number }, 'Moved'>;

export interface Stock {
  /** Sequence number of the last counted event. */
  readonly seqNum: number;
  readonly pieces: ReadonlyMap<string, number>;
}

const EMPTY_STOCK: Stock = { seqNum: 0, pieces: new Map() };

/** Counts one event. The function is pure, so a test needs no store. */
export function fold(stock: Stock, { seqNum, object: { article, pieces } }: Moved): Stock {
  if (seqNum <= stock.seqNum) return stock;
  const left = (stock.pieces.get(article) ?? 0) + pieces;
  return { seqNum, pieces: new Map(stock.pieces).set(article, left) };
}

export const stockOf = (store: EventStore<Moved>, saved = EMPTY_STOCK): Observable<Stock> =>
  store
    .events(trimHorizon(), { filter: { objectTypes: ['Moved'] } })
    .pipe(
      retryWithBackoff({ initialBackoff: 1000, scheduler: store.internals.scheduler }),
      scan(fold, saved),
      startWith(saved),
      distinctUntilChanged(),
    );
