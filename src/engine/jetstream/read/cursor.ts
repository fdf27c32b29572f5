import { createInbox, type Msg, nanos } from '@nats-io/transport-node';
import { map, Observable, type Subscriber } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import { clearInterval, setInterval } from '../../../scheduling/clock.ts';
import { headerText } from '../append/message-format.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import type { StreamMessage } from './message-record.ts';

/** Where a message stands. */
export interface MessagePosition {
  /** Its number in the stream. */
  readonly seqNum: number;
  /** How many messages the consumer has delivered with it. */
  readonly delivery: number;
}

/**
 * Reads the places of a consumer's messages from their addresses for replies:
 * `$JS.ACK.stream.consumer.deliveries.seqNum.delivery.time.pending`, before the stream on some servers a domain and an
 * account. It is done for each message, so that it makes no more texts than it has to.
 *
 * @param consumer - The consumer's name.
 */
export function createPositionParser(consumer: string): (reply: string) => MessagePosition {
  const named = `.${consumer}.`;
  let start = 0;
  return (reply) => {
    if (start === 0) start = reply.indexOf(named) + named.length;
    const deliveries = reply.indexOf('.', start);
    const seqNum = reply.indexOf('.', deliveries + 1);
    const delivery = reply.indexOf('.', seqNum + 1);
    return {
      seqNum: Number(reply.slice(deliveries + 1, seqNum)),
      delivery: Number(reply.slice(seqNum + 1, delivery)),
    };
  };
}

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

/** A fetch that has not ended. */
interface Fetching {
  readonly replyTo: string;
  readonly messages: number;
  received: number;
  /** Whoever reads; without anybody, what comes is kept. */
  reader?: Subscriber<StreamMessage> | undefined;
}

/** A reader's place in the stream that the server keeps: a pull consumer in its memory, without acknowledgements. */
export interface Cursor {
  /** The subject of what it lets through. */
  readonly subject: string;
  /** What was fetched and nobody has taken, in order. */
  readonly spare: StreamMessage[];
  /** How many pages were read by it. */
  pages: number;
  /**
   * Emits what comes of the fetch that is under way, or of this one, if none is; completes when there is as much as was
   * asked for, or the server has no more. Fails when a message was lost on the way, or the server is silent: the cursor
   * is of no use then.
   */
  fetch(request: Fetch): Observable<StreamMessage>;
  /** Begins a fetch before anybody reads, if none is under way. */
  fetchAhead(request: Fetch): void;
  /** Has the server forget it, at once if it can be told so; resolves when it was. */
  destroy(): Promise<void>;
}

/** Opens a cursor behind a number. */
export const openCursor = (access: StreamClient, subject: string, after: number): Observable<Cursor> => {
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
    .request('the read failed', () => access.manager.consumers.add(access.stream, consumer))
    .pipe(map(({ name }) => createCursor(access, subject, name)));
};

/** Whether the server says by this that it has done what it was asked for, as far as it could. */
const isEnd = (code: number, description: string): boolean =>
  code === 404 || code === 408 || /exceeds maxbytes/i.test(description);

function createCursor(access: StreamClient, subject: string, name: string): Cursor {
  const { connection, manager, stream, state$ } = access;
  const inbox = createInbox(access.inboxPrefix);
  const address = `${manager.getOptions().apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${name}`;
  const placesOf = createPositionParser(name);
  const spare: StreamMessage[] = [];
  let fetching: Fetching | undefined;
  let failure: unknown;
  let fetches = 0;
  let delivered = 0;
  let silence: NodeJS.Timeout | undefined;

  const end = (): Fetching | undefined => {
    const ended = fetching;
    fetching = undefined;
    clearInterval(silence);
    return ended;
  };
  const fail = (cause: unknown): void => {
    failure ??= cause;
    end()?.reader?.error(failure);
  };
  const failBecause = (why: string): void => fail(new StoreError(`the read failed: ${why}`));

  const heedStatus = ({ headers, subject: replyTo }: Msg): void => {
    const { code = 0, description = '' } = headers ?? {};
    if (replyTo !== fetching?.replyTo || code === 100) return;
    if (isEnd(code, description)) end()?.reader?.complete();
    else failBecause(`${code} ${description}`);
  };
  const heed = (message: Msg): void => {
    if (message.subject.startsWith(inbox)) {
      heedStatus(message);
      return;
    }
    const { seqNum, delivery } = placesOf(message.reply ?? '');
    if (delivery !== ++delivered) {
      failBecause(`message ${delivered} of the cursor was lost on the way`);
      return;
    }
    const taken = { seqNum, header: headerText(message.headers), data: message.data };
    const reader = fetching?.reader;
    if (fetching !== undefined && ++fetching.received === fetching.messages) end();
    if (reader === undefined) spare.push(taken);
    else reader.next(taken);
    if (fetching === undefined) reader?.complete();
  };
  const subscription = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => (error ? fail(error) : heed(message)),
  });
  const states = state$.subscribe((state) => {
    if (state !== 'connected') failBecause(`the connection is ${state}`);
  });

  const begin = ({ messages, bytes, waits = false }: Fetch): Fetching => {
    const begun: Fetching = { replyTo: `${inbox}.${++fetches}`, messages, received: 0 };
    const how = waits ? { expires: nanos(PATIENCE - 1_000) } : { no_wait: true };
    const question = JSON.stringify({ batch: messages, max_bytes: bytes, ...how });
    connection.publish(address, question, { reply: begun.replyTo });
    let before = 0;
    silence = setInterval(() => {
      if (begun.received === before) failBecause(`the server was silent for ${PATIENCE} ms`);
      before = begun.received;
    }, PATIENCE);
    fetching = begun;
    return begun;
  };

  return {
    subject,
    spare,
    pages: 0,
    fetch: (request) =>
      new Observable((subscriber) => {
        if (failure !== undefined) {
          subscriber.error(failure);
          return;
        }
        const own = fetching ?? begin(request);
        own.reader = subscriber;
        return () => {
          own.reader = undefined;
        };
      }),
    fetchAhead(request) {
      if (failure === undefined && fetching === undefined) begin(request);
    },
    async destroy() {
      end();
      states.unsubscribe();
      subscription.unsubscribe();
      if (access.state() !== 'connected') return;
      // Whether it succeeds does not matter: the server forgets the consumer by itself.
      await manager.consumers.delete(stream, name).catch(() => undefined);
    },
  };
}
