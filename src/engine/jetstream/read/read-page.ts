import {
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  map,
  type Observable,
  of,
  retry,
  switchMap,
  takeWhile,
  tap,
  throwError,
} from 'rxjs';
import { DeserializationError, StoreError } from '../../../errors.ts';
import { matches } from '../../../event/event-filter.ts';
import type { LogPage, ReadRequest } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { subjectFor } from '../append/message-format.ts';
import { readExtent, readMessage, type StreamClient } from '../connection/stream-client.ts';
import type { Cursor } from './cursor.ts';
import type { CursorPool } from './cursor-pool.ts';
import { type StreamMessage, toRecord } from './message-record.ts';

/** A page that is being filled. */
class PageBuilder {
  /** What it holds. */
  readonly records: StoredRecord[] = [];
  /** The last number examined. */
  through: number;
  /** The last number that it may examine. */
  readonly end: number;
  /** Whether nothing more belongs to it. */
  isFull = false;
  readonly #start: number;
  readonly #request: ReadRequest;
  #bytes = 0;

  constructor(request: ReadRequest, after: number) {
    this.#request = request;
    this.#start = after;
    this.through = after;
    this.end = after + request.maxScanned;
  }

  /** How many records it may still take. */
  get room(): number {
    return Math.min(this.#request.limit - this.records.length, this.end - this.through);
  }

  /**
   * Takes the next message, if it belongs to the page.
   *
   * @returns Whether it does.
   * @throws DeserializationError if it is the first, and cannot be told what it is.
   */
  take(message: StreamMessage): boolean {
    if (this.isFull) return false;
    if (message.seqNum > this.end) {
      this.through = this.end;
      this.isFull = true;
      return false;
    }
    const record = this.#recordOf(message);
    if (record === undefined) return false;
    this.through = record.seqNum;
    const { filter, limit, maxBytes } = this.#request;
    if (matches(filter, record.operation, record.objectType)) {
      this.records.push(record);
      this.#bytes += message.data.length;
    }
    this.isFull = this.records.length >= limit || this.#bytes >= maxBytes || this.through >= this.end;
    return true;
  }

  /** There is nothing more that the filter lets through, up to this number. */
  skipTo(seqNum: number): void {
    if (!this.isFull) this.through = Math.max(this.through, Math.min(seqNum, this.end));
  }

  #recordOf(message: StreamMessage): StoredRecord | undefined {
    try {
      return toRecord(message);
    } catch (error) {
      if (this.through === this.#start || !(error instanceof DeserializationError)) throw error;
      this.isFull = true;
      return undefined;
    }
  }
}

/** The most messages that are under way for one page. */
const MOST_MESSAGES = 10_000;

/** The most bytes of them, if one message does not take more. */
const MOST_BYTES = 8 * 1024 * 1024;

/** What a message may take beside its payload: headers and addresses. */
const ENVELOPE_BYTES = 64 * 1024;

const takeSpare = ({ spare }: Cursor, page: PageBuilder): void => {
  while (spare[0] !== undefined && page.take(spare[0])) spare.shift();
};

/** Reads a page of the stream, by a cursor that has ended the page before if there is one. */
export function readPage(access: StreamClient, pool: CursorPool, request: ReadRequest): Observable<LogPage> {
  const subject = subjectFor(access.prefix, request.filter);
  const largest = (access.connection.info?.max_payload ?? 0) + ENVELOPE_BYTES;
  const bytes = Math.max(Math.min(request.maxBytes, MOST_BYTES), largest);

  /** Fills a page from the cursor, as far as the stream went when its extent was read. */
  const fill = (cursor: Cursor, page: PageBuilder, latest: number): Observable<never> => {
    const start = page.through;
    const last = Math.min(latest, page.end);
    const isDone = () => page.isFull || page.through >= last;

    const fetch = (messages: number, waits: boolean): Observable<never> =>
      cursor.fetch({ messages, bytes, waits }).pipe(
        tap((message) => {
          if (!page.take(message)) cursor.spare.push(message);
        }),
        takeWhile(() => !page.isFull),
        ignoreElements(),
      );

    /** The cursor has no more. The leader of the stream tells whether there is more: another server may lag behind. */
    const settle = defer(() =>
      isDone() ? EMPTY : readMessage(access, { last_by_subj: subject }).pipe(switchMap(settleAt)),
    );
    const settleAt = (newest: { readonly seq: number } | undefined): Observable<never> => {
      if (newest === undefined || newest.seq <= page.through) page.skipTo(latest);
      else if (page.through === start) return concat(fetch(1, true), lagging);
      return EMPTY;
    };
    const lagging = defer(() =>
      page.through > start || page.isFull
        ? EMPTY
        : throwError(() => new StoreError('the read failed: a server of the cluster lags behind')),
    );

    takeSpare(cursor, page);
    if (isDone()) return EMPTY;
    return concat(fetch(Math.min(page.room, latest - page.through, MOST_MESSAGES), false), settle);
  };

  /** Whoever has read a page behind another will read the next: it is fetched while this one is being handled. */
  const readAhead = (cursor: Cursor, page: PageBuilder, latest: number): void => {
    const messages = Math.min(request.limit, request.maxScanned, latest - page.through, MOST_MESSAGES);
    if (++cursor.pages > 1 && page.isFull && messages > 0 && cursor.spare.length === 0) {
      cursor.fetchAhead({ messages, bytes });
    }
  };

  const filled = (after: number, latest: number): Observable<PageBuilder> =>
    defer(() => {
      const page = new PageBuilder(request, after);
      return pool.take(subject, after).pipe(
        switchMap((cursor) => {
          let isWhole = false;
          const whole = tap<never>({
            complete: () => {
              isWhole = true;
            },
          });
          return concat(fill(cursor, page, latest).pipe(whole), of(page)).pipe(
            finalize(() => {
              if (!isWhole) void cursor.destroy();
              else {
                readAhead(cursor, page, latest);
                pool.give(cursor, page.through);
              }
            }),
          );
        }),
      );
    });

  return readExtent(access).pipe(
    switchMap(({ oldest, latest }) => {
      const after = Math.max(request.after, oldest - 1);
      if (after >= latest) return of({ records: [], lastScannedSeqNum: after, oldest, latest });
      return filled(after, latest).pipe(
        // A cursor that was kept may be gone, with the server that kept it; a new one is not.
        retry({
          count: 1,
          delay: (error) => (error instanceof DeserializationError ? throwError(() => error) : of(0)),
        }),
        map(({ records, through }) => ({
          records,
          lastScannedSeqNum: through,
          oldest,
          latest: Math.max(latest, through),
        })),
      );
    }),
  );
}
