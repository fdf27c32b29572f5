import { createInbox, type Msg, nanos } from '@nats-io/transport-node';
import { map, Observable, type Subscriber } from 'rxjs';
import { StoreError } from '../../../errors.ts';
import { clearInterval, setInterval } from '../../../scheduling/clock.ts';
import { headerText } from '../append/message-format.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import type { StreamMessage } from './message-record.ts';

export interface MessagePosition {
  /** Sequence number in the stream. */
  readonly seqNum: number;
  /** Number of the delivery by the consumer: 1 for the first message. A gap means that a message was lost. */
  readonly delivery: number;
}

/**
 * Creates a parser of the positions of messages. A position is part of the reply subject of a message:
 * `$JS.ACK.stream.consumer.deliveries.seqNum.delivery.time.pending`. Some servers add a domain and an account before the
 * stream. The parser runs for each message, so it creates as few strings as possible.
 *
 * @param consumer - Name of the consumer.
 */
export function createPositionParser(consumer: string): (reply: string) => MessagePosition {
  const token = `.${consumer}.`;
  let start = 0;
  return (reply) => {
    if (start === 0) start = reply.indexOf(token) + token.length;
    const deliveries = reply.indexOf('.', start);
    const seqNum = reply.indexOf('.', deliveries + 1);
    const delivery = reply.indexOf('.', seqNum + 1);
    return {
      seqNum: Number(reply.slice(deliveries + 1, seqNum)),
      delivery: Number(reply.slice(seqNum + 1, delivery)),
    };
  };
}

/**
 * Time, in milliseconds, after which the server deletes an unused consumer. Without this limit, the consumer of a process
 * that was killed would remain.
 */
const INACTIVE_THRESHOLD = 60_000;

/** Time between two checks of a fetch, in milliseconds. The fetch fails if no message has arrived between two checks. */
const TIMEOUT = 5_000;

export interface Fetch {
  /** Maximum number of messages. */
  readonly messages: number;
  /**
   * Maximum size of the messages with their headers, in bytes. The server never delivers a single message above this size.
   */
  readonly bytes: number;
  /** Whether the server waits for a message if the stream contains no further message. */
  readonly waits?: boolean;
}

interface PendingFetch {
  readonly replyTo: string;
  readonly messages: number;
  received: number;
  /** Subscriber of the messages. Without a subscriber, the messages are buffered. */
  reader?: Subscriber<StreamMessage> | undefined;
}

/** Pull consumer without acknowledgements, which stores the position of one reader in the memory of the server. */
export interface Cursor {
  /** Filter subjects of the consumer. */
  readonly subjects: readonly string[];
  /** Messages that were fetched and not read yet, in order. */
  readonly buffered: StreamMessage[];
  /** Number of pages that were read with this cursor. */
  pages: number;
  /** Whether the last fetch has ended because the server had no further message. */
  readonly isAtEnd: boolean;
  /**
   * Emits the messages of the pending fetch, or starts the requested fetch if no fetch is pending. Completes after the
   * requested number of messages, or when the server has no further message. Errors if a message was lost, or if the server
   * sends nothing for 5 to 10 s. After an error, the cursor is unusable.
   */
  fetch(request: Fetch): Observable<StreamMessage>;
  /** Starts a fetch without a subscriber, so that its messages are buffered. Does nothing if a fetch is pending. */
  fetchAhead(request: Fetch): void;
  /** Deletes the consumer if the connection is open. Resolves when the server has answered. */
  destroy(): Promise<void>;
}

/** Creates a cursor that starts after a sequence number. */
export const openCursor = (
  client: StreamClient,
  subjects: readonly string[],
  after: number,
): Observable<Cursor> => {
  const [subject = ''] = subjects;
  const consumer = {
    ack_policy: 'none' as const,
    deliver_policy: 'by_start_sequence' as const,
    opt_start_seq: after + 1,
    ...(subjects.length === 1 ? { filter_subject: subject } : { filter_subjects: [...subjects] }),
    inactive_threshold: nanos(INACTIVE_THRESHOLD),
    mem_storage: true,
    num_replicas: 1,
  };
  return client
    .request('the read failed', () => client.manager.consumers.add(client.stream, consumer))
    .pipe(map(({ name }) => createCursor(client, subjects, name)));
};

/** Returns whether a status message ends a fetch because there are no more messages. */
const isEnd = (code: number): boolean => code === 404 || code === 408;

/** Returns whether a status message ends a fetch because the next message exceeds the size limit of the fetch. */
const isSizeLimit = (description: string): boolean => /exceeds maxbytes/i.test(description);

function createCursor(client: StreamClient, subjects: readonly string[], name: string): Cursor {
  const { connection, manager, stream, state$ } = client;
  const inbox = createInbox(client.inboxPrefix);
  const address = `${manager.getOptions().apiPrefix}.CONSUMER.MSG.NEXT.${stream}.${name}`;
  const parsePosition = createPositionParser(name);
  const buffered: StreamMessage[] = [];
  let pending: PendingFetch | undefined;
  let failure: unknown;
  let fetches = 0;
  let delivered = 0;
  let isAtEnd = false;
  let timeoutChecks: NodeJS.Timeout | undefined;

  const end = (): PendingFetch | undefined => {
    const ended = pending;
    pending = undefined;
    clearInterval(timeoutChecks);
    return ended;
  };
  const fail = (cause: unknown): void => {
    failure ??= cause;
    end()?.reader?.error(failure);
  };
  const failBecause = (reason: string): void => fail(new StoreError(`the read failed: ${reason}`));

  const onStatus = ({ headers, subject: replyTo }: Msg): void => {
    const { code = 0, description = '' } = headers ?? {};
    if (replyTo !== pending?.replyTo || code === 100) return;
    isAtEnd = isEnd(code);
    if (isAtEnd || isSizeLimit(description)) end()?.reader?.complete();
    else failBecause(`${code} ${description}`);
  };
  const onMessage = (message: Msg): void => {
    if (message.subject.startsWith(inbox)) {
      onStatus(message);
      return;
    }
    const { seqNum, delivery } = parsePosition(message.reply ?? '');
    if (delivery !== ++delivered) {
      failBecause(`message ${delivered} of the cursor was lost`);
      return;
    }
    const streamMessage = { seqNum, header: headerText(message.headers), data: message.data };
    const reader = pending?.reader;
    if (pending !== undefined && ++pending.received === pending.messages) end();
    if (reader === undefined) buffered.push(streamMessage);
    else reader.next(streamMessage);
    if (pending === undefined) reader?.complete();
  };
  const subscription = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => (error ? fail(error) : onMessage(message)),
  });
  const states = state$.subscribe((state) => {
    if (state !== 'connected') failBecause(`the connection is ${state}`);
  });

  const start = ({ messages, bytes, waits = false }: Fetch): PendingFetch => {
    const started: PendingFetch = { replyTo: `${inbox}.${++fetches}`, messages, received: 0 };
    const mode = waits ? { expires: nanos(TIMEOUT - 1_000) } : { no_wait: true };
    const body = JSON.stringify({ batch: messages, max_bytes: bytes, ...mode });
    connection.publish(address, body, { reply: started.replyTo });
    isAtEnd = false;
    let previous = 0;
    timeoutChecks = setInterval(() => {
      if (started.received === previous) failBecause(`the server was silent for ${TIMEOUT} ms`);
      previous = started.received;
    }, TIMEOUT);
    pending = started;
    return started;
  };

  return {
    subjects,
    buffered,
    pages: 0,
    get isAtEnd() {
      return isAtEnd;
    },
    fetch: (request) =>
      new Observable((subscriber) => {
        if (failure !== undefined) {
          subscriber.error(failure);
          return;
        }
        const current = pending ?? start(request);
        current.reader = subscriber;
        return () => {
          current.reader = undefined;
        };
      }),
    fetchAhead(request) {
      if (failure === undefined && pending === undefined) start(request);
    },
    async destroy() {
      end();
      states.unsubscribe();
      subscription.unsubscribe();
      if (client.state() !== 'connected') return;
      // A failure is ignored, because the server deletes unused consumers.
      await manager.consumers.delete(stream, name).catch(() => undefined);
    },
  };
}
