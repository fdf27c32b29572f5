import { types } from 'node:util';
import { map, Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { assignContext } from '../../event/event-context.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import { afterSequenceNumber, type EventIterator, seqNumBefore } from '../../event/event-iterator.ts';
import { forEachSliced } from '../../scheduling/for-each-sliced.ts';
import type { EventStore, GetEventsResponse, WatcherPageRequest } from '../../store/event-store.ts';
import type { FeedOptions } from './feed-options.ts';
import { FeedPage } from './feed-page.ts';

/** Maximum number of events of a page. */
export const PAGE_EVENTS = 500;

/** Maximum number of pages that are kept for readers that reach the same position a little later. */
const MAX_KEPT = 16;

/** Maximum size of an encoded page that is kept, in bytes. */
const MAX_KEPT_BYTES = 256 * 1024;

/** Read for which several readers wait. The read ends when the last of these readers leaves. */
class PendingRead {
  readonly waiting = new Set<Subscriber<FeedPage>>();
  readonly subscription = new Subscription();
  /** Number of the last event that the filter has excluded during the wait. */
  progress: number;

  constructor(seqNum: number) {
    this.progress = seqNum;
  }
}

const keyOf = (seqNum: number, filter: EventFilter | undefined): string =>
  `${seqNum} ${filter === undefined ? '' : JSON.stringify(filter)}`;

/**
 * Pages of a store that readers at the same position share. If ten thousand readers wait at the end of the log, they share
 * one read, and the page is encoded once.
 */
export class SharedPages<E extends Event> {
  readonly #store: EventStore<E>;
  readonly #redact: FeedOptions<E>['redact'];
  readonly #scheduler: SchedulerLike;
  readonly #pending = new Map<string, PendingRead>();
  readonly #kept = new Map<string, FeedPage>();

  constructor(store: EventStore<E>, redact: FeedOptions<E>['redact']) {
    this.#store = store;
    this.#redact = redact;
    this.#scheduler = store.internals.scheduler;
  }

  /** Emits the page at an iterator. The page is empty if there is no event yet. */
  at(iterator: EventIterator, filter: EventFilter | undefined, limit: number): Observable<FeedPage> {
    const request = { iterator, filter, limit: Math.min(limit, PAGE_EVENTS), longPollingTimeout: 0 };
    return this.#store.getEvents(request).pipe(map((response) => this.#toPage(response)));
  }

  /**
   * Waits for an event after a sequence number, and emits the page. If the store closes, the position of the emitted page is
   * the given sequence number.
   */
  after(seqNum: number, filter: EventFilter | undefined): Observable<FeedPage> {
    const key = keyOf(seqNum, filter);
    return new Observable((subscriber) => {
      const kept = this.#kept.get(key);
      if (kept !== undefined) {
        subscriber.next(kept);
        subscriber.complete();
        return;
      }
      const existing = this.#pending.get(key);
      const read = existing ?? new PendingRead(seqNum);
      read.waiting.add(subscriber);
      subscriber.add(() => this.#leave(key, read, subscriber));
      if (existing === undefined) this.#start(key, read, seqNum, filter);
    });
  }

  /**
   * Returns the number of the last event that the filter has excluded while readers wait for an event after `seqNum`. Returns
   * `seqNum` if there is none.
   */
  progress(seqNum: number, filter: EventFilter | undefined): number {
    return this.#pending.get(keyOf(seqNum, filter))?.progress ?? seqNum;
  }

  #start(key: string, read: PendingRead, seqNum: number, filter: EventFilter | undefined): void {
    this.#pending.set(key, read);
    const request: WatcherPageRequest = {
      iterator: afterSequenceNumber(seqNum),
      filter,
      limit: PAGE_EVENTS,
      longPollingTimeout: Number.POSITIVE_INFINITY,
      onProgress: (progress) => {
        read.progress = progress;
      },
    };
    const page$ = this.#store.getEvents(request).pipe(map((response) => this.#toPage(response)));
    read.subscription.add(
      page$.subscribe({
        next: (page) => {
          if (page.next > seqNum) this.#keep(key, page);
          this.#settle(key, read, (reader) => {
            reader.next(page);
            reader.complete();
          });
        },
        error: (error) => this.#settle(key, read, (reader) => reader.error(error)),
      }),
    );
  }

  /**
   * Notifies the readers that wait for a read. The notification takes place in time slices, because each reader writes to
   * its socket.
   */
  #settle(key: string, read: PendingRead, notify: (reader: Subscriber<FeedPage>) => void): void {
    this.#pending.delete(key);
    const readers = [...read.waiting];
    read.waiting.clear();
    forEachSliced(readers, notify, this.#scheduler).subscribe();
  }

  #leave(key: string, read: PendingRead, reader: Subscriber<FeedPage>): void {
    if (!read.waiting.delete(reader) || read.waiting.size > 0) return;
    this.#pending.delete(key);
    read.subscription.unsubscribe();
  }

  #keep(key: string, page: FeedPage): void {
    for (const [other, { bytes }] of this.#kept) {
      if (bytes > MAX_KEPT_BYTES || this.#kept.size >= MAX_KEPT) this.#kept.delete(other);
    }
    this.#kept.set(key, page);
  }

  #toPage({ events, nextEventIterator }: GetEventsResponse<E>): FeedPage {
    const redact = this.#redact;
    const sent = redact === undefined ? events : events.flatMap((event) => redacted(event, redact) ?? []);
    return new FeedPage(sent, seqNumBefore(nextEventIterator));
  }
}

/**
 * Returns an event with the object and the context that `redact` returns; `undefined` if `redact` hides the event.
 *
 * @throws The error of `redact`, and a `TypeError` if it returns a Promise, from which no object could be sent.
 */
function redacted<E extends Event>(
  event: E,
  redact: NonNullable<FeedOptions<E>['redact']>,
): Event | undefined {
  const { seqNum, operation, objectType, timestamp } = event;
  const shown = redact(event);
  if (shown === undefined) return undefined;
  if (types.isPromise(shown)) throw new TypeError('option redact of the feed must not return a Promise');
  const { object, key, id, metadata } = shown;
  const sent = { seqNum, operation, objectType, object, timestamp };
  assignContext(sent, { key, id, metadata });
  return sent;
}
