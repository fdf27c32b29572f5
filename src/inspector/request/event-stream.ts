import type { Observable, Subscription } from 'rxjs';

/** Source of the texts of a response. */
export interface TextSource {
  /** Emits the next text and completes. Completes without a text if the response has ended. */
  readonly next$: Observable<string>;
  /** Frees the resources of the source. Called once, after the end of the response or when the connection closes. */
  readonly end: () => void;
}

/** Comment of a stream, which clients ignore. It keeps proxies from closing a connection without traffic. */
export const COMMENT = ':\n\n';

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

/** Time after which a browser connects again if the connection is lost, in milliseconds. */
const RETRY = 2000;

/** Returns a body that subscribes to the next text of the source when the connection has room for a text. */
function bodyOf(open: () => TextSource): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let source: TextSource | undefined;
  let reading: Subscription | undefined;
  const end = () => {
    reading?.unsubscribe();
    source?.end();
    source = undefined;
  };
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): TextSource => {
    controller.enqueue(encoder.encode(`retry: ${RETRY}\n\n`));
    return open();
  };
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        source ??= start(controller);
        const { next$ } = source;
        return new Promise((resolve) => {
          let isEnd = true;
          reading = next$.subscribe({
            next(text) {
              isEnd = false;
              controller.enqueue(encoder.encode(text));
            },
            error(error) {
              end();
              controller.error(error);
              resolve();
            },
            complete() {
              if (isEnd) {
                end();
                controller.close();
              }
              resolve();
            },
          });
        });
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

/**
 * Returns a response of server-sent events. The source is read only as fast as the client reads the response.
 *
 * @param open - Opens the source. Called when the client begins to read.
 */
export const eventStream = (open: () => TextSource): Response =>
  new Response(bodyOf(open), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Proxies such as nginx must not buffer the events.
      'x-accel-buffering': 'no',
    },
  });
