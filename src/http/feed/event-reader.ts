import { map, Observable, switchMap } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import type { EventIterator } from '../../event/event-iterator.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { FeedPage } from './feed-page.ts';
import { InvalidParameterError } from './invalid-parameter.ts';
import { PAGE_EVENTS, type SharedPages } from './shared-pages.ts';

/** Events that a reader requests. */
export interface ReadRequest {
  readonly iterator: EventIterator;
  /** Name of the parameter with the iterator, for the error if the log does not have the position of the iterator. */
  readonly parameter: string;
  readonly filter: EventFilter | undefined;
  /** Maximum number of events; `Infinity` for no limit. */
  readonly limit: number;
  /** Whether the reader waits for new events at the end of the log. */
  readonly live: boolean;
}

/** One reader of the feed, which requests one page after another. */
export class EventReader {
  readonly filter: EventFilter | undefined;
  /** Whether the first page contains at least one event. */
  readonly startsWithEvents: boolean;
  readonly #after: SharedPages<Event>['after'];
  /** Last sequence number that the reader reads; `Infinity` if the reader is live. */
  readonly #end: number;
  readonly #latest: number;
  #position: number;
  #remaining: number;
  #first: FeedPage | undefined;

  constructor(request: ReadRequest, latest: number, first: FeedPage, after: SharedPages<Event>['after']) {
    this.filter = request.filter;
    this.#after = after;
    this.#latest = latest;
    this.#end = request.live ? Number.POSITIVE_INFINITY : latest;
    this.#remaining = request.limit;
    this.#first = first.upTo(this.#remaining, this.#end);
    this.startsWithEvents = this.#first.events.length > 0;
    this.#position = first.next;
  }

  /** Sequence number of the last event that the reader has passed. */
  get position(): number {
    return this.#position;
  }

  /** Whether the reader has passed all events that the log contained at the start of the reader. */
  get isAtEnd(): boolean {
    return this.#position >= this.#latest;
  }

  /** Moves the position past events that the filter excludes. */
  skipTo(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  /**
   * Waits for the next page, and emits it. Completes without a page if the reader has ended, or if the store closes. It is one
   * Observable without operators, because each waiting reader would keep the operators in memory.
   */
  readonly page$ = new Observable<FeedPage>((subscriber) => {
    const first = this.#first;
    const after = this.#position;
    if (first !== undefined) {
      this.#first = undefined;
      subscriber.next(this.#advance(first));
      subscriber.complete();
    } else if (this.#remaining === 0 || after >= this.#end) subscriber.complete();
    else {
      const onPage = (page: FeedPage): void => {
        if (page.next > after) subscriber.next(this.#advance(page));
        subscriber.complete();
      };
      const page$ = this.#after(after, this.filter);
      subscriber.add(page$.subscribe({ next: onPage, error: (error) => subscriber.error(error) }));
    }
  });

  #advance(page: FeedPage): FeedPage {
    const own = page.upTo(this.#remaining, this.#end);
    this.#remaining -= own.events.length;
    this.#position = this.#remaining === 0 ? (own.events.at(-1)?.seqNum ?? page.next) : page.next;
    return own;
  }
}

/**
 * Emits a reader when its first page was read, so that the response to an invalid position can have the status code of an
 * error.
 *
 * @throws `InvalidParameterError` if the start is after the next event of the log.
 * @throws `SequenceTrimmedError` if the event at the start was deleted.
 */
export const openReader = <E extends Event>(
  store: EventStore<E>,
  pages: SharedPages<E>,
  request: ReadRequest,
): Observable<EventReader> =>
  store.getLatestSeqNum().pipe(
    switchMap((latest) => {
      assertWithin(request, latest);
      const { iterator, filter, limit } = request;
      return pages
        .at(iterator, filter, Math.min(limit, PAGE_EVENTS))
        .pipe(map((first) => new EventReader(request, latest, first, (...args) => pages.after(...args))));
    }),
  );

/**
 * Checks that a position is at most that of the next event. A later position is an error of the client, for example a
 * position in another log.
 */
function assertWithin({ iterator, parameter }: ReadRequest, latest: number): void {
  if (!('sequenceNumber' in iterator)) return;
  const last = iterator.type === 'at_sequence_number' ? latest + 1 : latest;
  if (iterator.sequenceNumber <= last) return;
  throw new InvalidParameterError(parameter, `must be at most ${last}, because the last event is ${latest}`);
}
