import {
  concat,
  defer,
  EMPTY,
  finalize,
  forkJoin,
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
import type { LogBounds, LogPage, ReadRequest } from '../../contract/event-log.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { headerText } from '../append/message-format.ts';
import { readExtent, readMessage, type StreamClient } from '../connection/stream-client.ts';
import { subjectsFor } from '../subjects.ts';
import type { Cursor } from './cursor.ts';
import type { CursorPool } from './cursor-pool.ts';
import { type StreamMessage, toRecord } from './message-record.ts';

/** Builder of a page, to which messages are added until a limit of the request is reached. */
class PageBuilder {
  /** Matching records, in order. */
  readonly records: StoredRecord[] = [];
  lastScannedSeqNum: number;
  /** Highest sequence number that the page may scan. */
  readonly maxSeqNum: number;
  /** Whether the page takes no further record. */
  isFull = false;
  readonly #start: number;
  readonly #request: ReadRequest;
  #bytes = 0;

  constructor(request: ReadRequest, after: number) {
    this.#request = request;
    this.#start = after;
    this.lastScannedSeqNum = after;
    this.maxSeqNum = after + request.maxScanned;
  }

  /** Maximum number of records that the page can still take. */
  get remaining(): number {
    return Math.min(this.#request.limit - this.records.length, this.maxSeqNum - this.lastScannedSeqNum);
  }

  /**
   * Adds the next message if this message belongs to the page.
   *
   * @returns Whether the message belongs to the page.
   * @throws {@link DeserializationError} if the message is the first one of the page, and its event header is not valid.
   */
  add(message: StreamMessage): boolean {
    if (this.isFull) return false;
    if (message.seqNum > this.maxSeqNum) {
      this.lastScannedSeqNum = this.maxSeqNum;
      this.isFull = true;
      return false;
    }
    const record = this.#recordOf(message);
    if (record === undefined) return false;
    this.lastScannedSeqNum = record.seqNum;
    const { filter, limit, maxBytes } = this.#request;
    if (matches(filter, record.operation, record.objectType, record.key)) {
      this.records.push(record);
      this.#bytes += message.data.length;
    }
    this.isFull =
      this.records.length >= limit || this.#bytes >= maxBytes || this.lastScannedSeqNum >= this.maxSeqNum;
    return true;
  }

  /**
   * Marks all records up to this sequence number as scanned. The caller must know that no further record up to this number
   * matches the filter.
   */
  skipTo(seqNum: number): void {
    if (!this.isFull)
      this.lastScannedSeqNum = Math.max(this.lastScannedSeqNum, Math.min(seqNum, this.maxSeqNum));
  }

  #recordOf(message: StreamMessage): StoredRecord | undefined {
    try {
      return toRecord(message);
    } catch (error) {
      if (this.lastScannedSeqNum === this.#start || !(error instanceof DeserializationError)) throw error;
      this.isFull = true;
      return undefined;
    }
  }
}

/** Maximum number of messages in one fetch. */
const MAX_MESSAGES = 10_000;

/**
 * Maximum size of the messages in one fetch, in bytes. If the server permits larger messages, the maximum is the size of one
 * such message.
 */
const MAX_BYTES = 8 * 1024 * 1024;

/** Maximum size of the headers and subjects of a message, in bytes. */
const ENVELOPE_BYTES = 64 * 1024;

const addBuffered = ({ buffered }: Cursor, page: PageBuilder): void => {
  while (buffered[0] !== undefined && page.add(buffered[0])) buffered.shift();
};

/**
 * Returns whether the server supports several filter subjects of a consumer. Servers before version 2.10 would ignore the
 * subjects.
 */
const hasFilterSubjects = ({ connection }: StreamClient): boolean => {
  const [major = 0, minor = 0] = connection.info?.version.split('.').map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 10);
};

/** Reads a page of the stream. Reuses the cursor of the previous page if the pool contains that cursor. */
export function readPage(client: StreamClient, pool: CursorPool, request: ReadRequest): Observable<LogPage> {
  const subjects = subjectsFor(client.prefix, request.filter, !hasFilterSubjects(client));
  const maxMessageBytes = (client.connection.info?.max_payload ?? 0) + ENVELOPE_BYTES;
  const bytes = Math.max(Math.min(request.maxBytes, MAX_BYTES), maxMessageBytes);

  /** Fills a page from a cursor. `latest` is the highest sequence number of the log at the start of the read. */
  const fill = (cursor: Cursor, page: PageBuilder, latest: number): Observable<never> => {
    const start = page.lastScannedSeqNum;
    const last = Math.min(latest, page.maxSeqNum);
    const isComplete = () => page.isFull || page.lastScannedSeqNum >= last;

    const fetch = (messages: number, waits: boolean): Observable<never> =>
      cursor.fetch({ messages, bytes, waits }).pipe(
        tap((message) => {
          if (!page.add(message)) cursor.buffered.push(message);
        }),
        takeWhile(() => !page.isFull),
        ignoreElements(),
      );

    /**
     * Called after the last fetch. If the page is not complete, reads the last message of each subject from the leader, because
     * the server of the cursor may not have received this message yet.
     */
    const checkEnd = defer(() => (isComplete() ? EMPTY : readNewest.pipe(switchMap(checkNewest))));
    const readNewest = defer(() =>
      forkJoin(subjects.map((subject) => readMessage(client, { last_by_subj: subject }))),
    ).pipe(map((messages) => Math.max(...messages.map((message) => message?.seq ?? 0))));
    const checkNewest = (newest: number): Observable<never> => {
      if (newest <= page.lastScannedSeqNum) page.skipTo(latest);
      else if (page.lastScannedSeqNum === start) return concat(fetch(1, true), failIfLagging);
      return EMPTY;
    };
    const failIfLagging = defer(() =>
      page.lastScannedSeqNum > start || page.isFull
        ? EMPTY
        : throwError(() => new StoreError('the read failed: a server of the cluster lags behind')),
    );

    /**
     * Fetches until the page is complete. The cursor also delivers messages that do not match the filter, so each further
     * fetch is twice as large. Messages that do not fit the page are buffered for the next read.
     */
    const fetchMore = (minimum: number): Observable<never> => {
      const scanned = page.lastScannedSeqNum;
      const messages = Math.min(Math.max(page.remaining, minimum), last - scanned, MAX_MESSAGES);
      return concat(
        fetch(messages, false),
        defer(() =>
          isComplete() || cursor.isAtEnd || page.lastScannedSeqNum === scanned
            ? checkEnd
            : fetchMore(2 * messages),
        ),
      );
    };

    addBuffered(cursor, page);
    return isComplete() ? EMPTY : fetchMore(1);
  };

  /**
   * Fetches the next page while the caller uses the current page. Does nothing after the first page of a cursor, because its
   * reader may request no second page.
   */
  const readAhead = (cursor: Cursor, page: PageBuilder, latest: number): void => {
    const messages = Math.min(
      request.limit,
      request.maxScanned,
      latest - page.lastScannedSeqNum,
      MAX_MESSAGES,
    );
    if (++cursor.pages > 1 && page.isFull && messages > 0 && cursor.buffered.length === 0) {
      cursor.fetchAhead({ messages, bytes });
    }
  };

  const readFrom = (after: number, latest: number): Observable<PageBuilder> =>
    defer(() => {
      const page = new PageBuilder(request, after);
      return pool.acquire(subjects, after).pipe(
        switchMap((cursor) => {
          let isFilled = false;
          const markFilled = tap<never>({
            complete: () => {
              isFilled = true;
            },
          });
          return concat(fill(cursor, page, latest).pipe(markFilled), of(page)).pipe(
            finalize(() => {
              if (!isFilled) void cursor.destroy();
              else {
                readAhead(cursor, page, latest);
                pool.release(cursor, page.lastScannedSeqNum);
              }
            }),
          );
        }),
      );
    });

  /**
   * Reads a page that may scan only one record. Asks the leader for the first message after a number, because a cursor would
   * need several requests for one message.
   */
  const readOne = (after: number, bounds: LogBounds): Observable<LogPage> =>
    readMessage(client, { seq: after + 1, next_by_subj: `${client.prefix}.>` }).pipe(
      map((message) => {
        const page = new PageBuilder(request, after);
        if (message === undefined) page.skipTo(after + 1);
        else page.add({ seqNum: message.seq, header: headerText(message.header), data: message.data });
        const { records, lastScannedSeqNum } = page;
        return { ...bounds, records, lastScannedSeqNum };
      }),
    );

  return readExtent(client).pipe(
    switchMap(({ oldest, latest }) => {
      const after = Math.max(request.after, oldest - 1);
      if (after >= latest) return of({ records: [], lastScannedSeqNum: after, oldest, latest });
      if (request.maxScanned === 1) return readOne(after, { oldest, latest });
      return readFrom(after, latest).pipe(
        // Retry once with a new cursor, because the server may have deleted the consumer of an idle cursor.
        retry({
          count: 1,
          delay: (error) => (error instanceof DeserializationError ? throwError(() => error) : of(0)),
        }),
        map(({ records, lastScannedSeqNum }) => ({
          records,
          lastScannedSeqNum,
          oldest,
          latest: Math.max(latest, lastScannedSeqNum),
        })),
      );
    }),
  );
}
