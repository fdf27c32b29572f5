import { map, type Observable, of, type SchedulerLike } from 'rxjs';
import { observableBody } from '../../http/observable-body.ts';

/** Source of the texts of a response. */
export interface TextSource {
  /**
   * Emits the next text and completes. An empty text is not sent, and the next one is requested. Completes without a text if
   * the response has ended.
   */
  readonly next$: Observable<string>;
  /** Frees the resources of the source. Called once, after the end of the response or when the connection closes. */
  readonly end?: () => void;
}

/**
 * Returns an event in the format of server-sent events.
 *
 * @param data - Value that is sent as JSON.
 * @param id - Id of the event, which a client sends as `Last-Event-ID` when it connects again.
 */
export function eventText(name: string, data: object, id?: number): string {
  const lines = [`event: ${name}`, `data: ${JSON.stringify(data)}`];
  return `${(id === undefined ? lines : [`id: ${id}`, ...lines]).join('\n')}\n\n`;
}

/**
 * Returns a text that reports a position without an event. A client sends the position as `Last-Event-ID` when it connects
 * again.
 */
export const positionText = (seqNum: number): string => `id: ${seqNum}\n\n`;

/** Time after which a browser connects again if the connection is lost, in milliseconds. */
const RETRY = 2000;

const encode = (text: string): Uint8Array => Buffer.from(text);

/**
 * Returns a response of server-sent events. The source is read only as fast as the client reads the response.
 *
 * @param open - Opens the source. Called when the client begins to read.
 */
export function eventStream(open: () => TextSource, scheduler: SchedulerLike): Response {
  let source: TextSource | undefined;
  const nextChunk = (): Observable<Uint8Array> => {
    if (source !== undefined) return source.next$.pipe(map(encode));
    source = open();
    return of(encode(`retry: ${RETRY}\n\n`));
  };
  const body = observableBody(nextChunk, scheduler, () => source?.end?.());
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies such as nginx must not buffer the events.
      'x-accel-buffering': 'no',
    },
  });
}
