import { createInbox, type Msg, nanos } from '@nats-io/transport-node';
import { map, Observable } from 'rxjs';
import { StoreError } from '../../errors.ts';
import type { StreamMessage } from './message-record.ts';
import { headerText } from './record-header.ts';
import type { StreamAccess } from './stream-access.ts';

/** How long, in milliseconds, the server keeps a consumer that nobody asks for anything: when the process is gone. */
const FORGOTTEN_AFTER = 60_000;

/** How long, in milliseconds, the server may be silent while it is asked. */
const PATIENCE = 5_000;

/** What to fetch. */
export interface Fetch {
  /** The most messages. */
  readonly messages: number;
  /** The most bytes, headers included. A message that takes more by itself is never delivered. */
  readonly bytes: number;
  /** Whether to wait for a message if there is none. */
  readonly waits?: boolean;
}

/** A reader's place in the stream that the server keeps: a pull consumer in its memory, without acknowledgements. */
export interface Cursor {
  /** The subject of what it lets through. */
  readonly subject: string;
  /** What was fetched and belongs to a later page, in order. */
  readonly spare: StreamMessage[];
  /**
   * Fetches the next messages; completes when it has as many as were asked for, or the server has no more. Fails when a
   * message was lost on the way, or the server is silent: the cursor is of no use then.
   */
  fetch(request: Fetch): Observable<StreamMessage>;
  /** Has the server forget it. */
  destroy(): void;
}

/** The parts of the address for replies from which a message's places are told; servers put them in two ways. */
function placesOf(reply: string): { readonly seqNum: number; readonly delivery: number } {
  const parts = reply.split('.');
  const first = parts.length > 9 ? 7 : 5;
  return { seqNum: Number(parts[first]), delivery: Number(parts[first + 1]) };
}

/** Opens a cursor behind a number. */
export const openCursor = (access: StreamAccess, subject: string, after: number): Observable<Cursor> => {
  const consumer = {
    ack_policy: 'none' as const,
    deliver_policy: 'by_start_sequence' as const,
    opt_start_seq: after + 1,
    filter_subject: subject,
    inactive_threshold: nanos(FORGOTTEN_AFTER),
    mem_storage: true,
    num_replicas: 1,
  };
  return access
    .ask('the read failed', () => access.manager.consumers.add(access.stream, consumer))
    .pipe(map(({ name }) => createCursor(access, subject, name)));
};

function createCursor(access: StreamAccess, subject: string, name: string): Cursor {
  const { connection, manager, stream, state$ } = access;
  const inbox = createInbox(access.inboxPrefix);
  const address = `${manager.getOptions().apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${name}`;
  let heed: ((message: Msg) => void) | undefined;
  let refuse: ((error: unknown) => void) | undefined;
  let fetches = 0;
  let delivered = 0;
  const subscription = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => (error ? refuse?.(error) : heed?.(message)),
  });

  const fetch = ({ messages, bytes, waits = false }: Fetch) =>
    new Observable<StreamMessage>((subscriber) => {
      const replyTo = `${inbox}.${++fetches}`;
      let received = 0;
      let receivedBefore = 0;
      const fail = (why: string) => subscriber.error(new StoreError(`the read failed: ${why}`));

      refuse = (error) => subscriber.error(error);
      heed = (message) => {
        if (message.subject === replyTo) {
          const { code = 0, description = '' } = message.headers ?? {};
          const isEnd = code === 404 || code === 408 || /exceeds maxbytes/i.test(description);
          if (isEnd) subscriber.complete();
          else if (code !== 100) fail(`${code} ${description}`);
          return;
        }
        if (message.reply === undefined) return;
        const { seqNum, delivery } = placesOf(message.reply);
        if (delivery !== ++delivered) {
          fail(`message ${delivered} of the cursor was lost on the way`);
          return;
        }
        received++;
        subscriber.next({ seqNum, header: headerText(message.headers), data: message.data });
        if (received === messages) subscriber.complete();
      };
      subscriber.add(
        state$.subscribe((state) => {
          if (state !== 'connected') fail(`the connection is ${state}`);
        }),
      );
      const timer = setInterval(() => {
        if (received === receivedBefore) fail(`the server was silent for ${PATIENCE} ms`);
        receivedBefore = received;
      }, PATIENCE);
      subscriber.add(() => {
        clearInterval(timer);
        heed = undefined;
        refuse = undefined;
      });
      if (subscriber.closed) return;
      const expires = waits ? { expires: nanos(PATIENCE - 1_000) } : { no_wait: true };
      connection.publish(address, JSON.stringify({ batch: messages, max_bytes: bytes, ...expires }), {
        reply: replyTo,
      });
    });

  return {
    subject,
    spare: [],
    fetch,
    destroy() {
      subscription.unsubscribe();
      if (access.state() !== 'connected') return;
      // Whether it succeeds does not matter: the server forgets the consumer by itself.
      manager.consumers.delete(stream, name).catch(() => undefined);
    },
  };
}
