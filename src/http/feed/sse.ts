import {
  catchError,
  defaultIfEmpty,
  EMPTY,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  take,
  tap,
} from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import { observableBody } from '../observable-body.ts';
import type { EventReader } from './event-reader.ts';
import type { FeedContext } from './feed-context.ts';
import type { FeedPage } from './feed-page.ts';
import { INTERNAL, problemOf } from './feed-problem.ts';

/** Headers of each server-sent stream. `no-transform` prevents compression by proxies, which would delay events. */
export const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** Parts that are different in the server-sent streams of `/events` and `/stream`. */
export interface SseFormat {
  /** Text at the begin, which the client receives even if there is no event. An empty text is not sent. */
  readonly begin: string;
  /** Emits the chunk of a page. The chunk is empty if the page has nothing to send. */
  readonly pageChunk: (page: FeedPage) => Observable<Uint8Array>;
  /** Returns the text that reports a position after events that the filter excludes. */
  readonly positionText: (position: number) => string;
  /** Returns whether the stream must end. It is called before each page and after each heartbeat. */
  readonly isDue: () => boolean;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

const COMMENT = bytes(':\n\n');

/**
 * Creates the body of a server-sent stream, which sends the pages of a reader, and a comment at each heartbeat without a
 * page. If a read fails, the stream sends an `error` event and ends. The stream also ends if the store closes.
 */
export function sseBody(
  { heartbeat, pages, report, store }: FeedContext,
  reader: EventReader,
  { begin, pageChunk, positionText, isDue }: SseFormat,
): ReadableStream<Uint8Array> {
  let hasBegun = begin === '';
  let hasFailed = false;
  let reported = reader.position;

  const beatChunk = (): Uint8Array => {
    reader.skipTo(pages.progress(reader.position, reader.filter));
    if (reader.position === reported) return COMMENT;
    reported = reader.position;
    return Buffer.concat([COMMENT, bytes(positionText(reported))]);
  };
  const errorChunk = (error: unknown): Observable<Uint8Array> => {
    if (error instanceof StoreClosedError) return EMPTY;
    hasFailed = true;
    const problem = problemOf(error);
    if (problem === undefined) report(error);
    return of(bytes(`event: error\ndata: ${JSON.stringify(problem ?? INTERNAL)}\n\n`));
  };
  const chunks$ = merge(
    reader.page$.pipe(
      map((page) => () => {
        reported = page.events.at(-1)?.seqNum ?? reported;
        return pageChunk(page);
      }),
      // Without a page, the reader has ended, or the store is closed.
      defaultIfEmpty(() => EMPTY),
    ),
    heartbeat.join().pipe(map(() => () => (isDue() ? EMPTY : of(beatChunk())))),
  ).pipe(
    take(1),
    mergeMap((toChunk) => toChunk()),
    catchError(errorChunk),
  );
  const begin$ = of(bytes(begin)).pipe(
    tap(() => {
      hasBegun = true;
    }),
  );
  const nextChunk = (): Observable<Uint8Array> => {
    if (!hasBegun) return begin$;
    return hasFailed || isDue() ? EMPTY : chunks$;
  };
  return observableBody(nextChunk, store.internals.scheduler);
}
