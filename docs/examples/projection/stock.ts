/**
 * A projection: what the log says of a stock, folded into a Map, and told anew after each event.
 *
 * It lives in memory, and needs no checkpoint: it reads the log from the beginning. The state bears the number of the
 * last event that is in it, so that each counts once, however often it comes: when a read fails it starts all over,
 * and what counts already is left out. For the same reason it may begin with a state that was saved.
 */
import { type Event, type EventStore, retryWithBackoff, trimHorizon } from 'rx-watcher';
import { distinctUntilChanged, type Observable, scan, startWith } from 'rxjs';

/** So many pieces of an article came in; with a minus they went out. */
export type Moved = Event<{ readonly article: string; readonly pieces: number }, 'Moved'>;

export interface Stock {
  /** The last event that is in it. */
  readonly seqNum: number;
  readonly pieces: ReadonlyMap<string, number>;
}

const EMPTY_STOCK: Stock = { seqNum: 0, pieces: new Map() };

/** Pure, so it is tested without a store. */
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
