import { defer, EMPTY, Observable, of, Subscription } from 'rxjs';
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
  /** Text at the start of the stream, which the client receives even if there is no event. An empty text is not sent. */
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
  const beat$ = heartbeat.join();
  let hasBegun = begin === '';
  let hasFailed = false;
  let reported = reader.position;

  const beatChunk = (): Uint8Array => {
    reader.skipTo(pages.progress(reader.position, reader.filter));
    if (reader.position === reported) return COMMENT;
    reported = reader.position;
    return Buffer.concat([COMMENT, bytes(positionText(reported))]);
  };
  /** Returns the chunk of an error; `undefined` if the stream ends without one, because the store is closed. */
  const errorChunk = (error: unknown): Uint8Array | undefined => {
    if (error instanceof StoreClosedError) return undefined;
    hasFailed = true;
    const problem = problemOf(error);
    if (problem === undefined) report(error);
    return bytes(`event: error\ndata: ${JSON.stringify(problem ?? INTERNAL)}\n\n`);
  };

  /**
   * Emits the chunk of the next page or the next heartbeat. It is one Observable without operators, because each waiting
   * reader would keep the operators in memory.
   */
  const chunk$ = new Observable<Uint8Array>((subscriber) => {
    const waiting = new Subscription();
    let hasPage = false;
    const emit = (chunk: Uint8Array | undefined): void => {
      waiting.unsubscribe();
      if (chunk !== undefined) subscriber.next(chunk);
      subscriber.complete();
    };
    const fail = (error: unknown): void => emit(errorChunk(error));
    const onPage = (page: FeedPage): void => {
      hasPage = true;
      waiting.unsubscribe();
      reported = page.events.at(-1)?.seqNum ?? reported;
      subscriber.add(defer(() => pageChunk(page)).subscribe({ next: emit, error: fail }));
    };
    const onComplete = (): void => {
      if (!hasPage) emit(undefined);
    };
    subscriber.add(waiting);
    waiting.add(reader.page$.subscribe({ next: onPage, error: fail, complete: onComplete }));
    if (!waiting.closed) waiting.add(beat$.subscribe(() => emit(isDue() ? undefined : beatChunk())));
  });

  const nextChunk = (): Observable<Uint8Array> => {
    if (hasFailed || isDue()) return EMPTY;
    if (hasBegun) return chunk$;
    hasBegun = true;
    return of(bytes(begin));
  };
  return observableBody(nextChunk, store.internals.scheduler);
}
