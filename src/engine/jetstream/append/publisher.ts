import { createInbox, type Msg, type MsgHdrs, nuid } from '@nats-io/transport-node';
import { StoreError } from '../../../errors.ts';
import {
  clearInterval,
  clearTimeout,
  realNow,
  realStopwatch,
  setInterval,
  setTimeout,
} from '../../../scheduling/clock.ts';
import type { NewRecord } from '../../contract/record.ts';
import { engineFailure } from '../connection/request.ts';
import type { StreamClient } from '../connection/stream-client.ts';
import { subjectOf } from '../subjects.ts';
import { messageIdOf } from './context-format.ts';
import { type AppendPrecondition, setBatchHeaders, toHeaders, toLookupHeaders } from './message-format.ts';

/** Error codes of the server for a wrong last message id and a wrong last sequence number. */
const WRONG_LAST: readonly number[] = [10070, 10071];

/** Rejection of a message because its append precondition is not met. */
export class SequenceConflict extends Error {
  /** Last sequence number as the server counts it; `undefined` if the rejection does not contain this number. */
  readonly last: number | undefined;

  constructor(description: string) {
    super(description);
    const [, last] = /^wrong last sequence: (\d+)$/.exec(description) ?? [];
    this.last = last === undefined ? undefined : Number(last);
  }
}

/** Error code of the server for an atomic batch that contains the id of a stored message. */
const DUPLICATE_IN_BATCH = 10201;

/** Error code of the server for a batch that lacks a message, for example after a change of the leader. */
const INCOMPLETE_BATCH = 10176;

/** Error code of a cluster that is still storing an earlier message with the same id. */
const DUPLICATE_IN_PROCESS = 10158;

/** Error code of the server for too many batches in flight. The server accepts 50 batches per stream. */
const TOO_MANY_BATCHES = 10210;

/** Error code of the server for the lookup of an unknown message id. */
const ROLLUP_NOT_PERMITTED = 10111;

/**
 * Rejection of a batch that contains the id of a stored message. The rejected attempt has stored nothing. If `isResent`, an
 * earlier attempt can have stored the whole batch.
 */
export class DuplicateInBatch extends Error {
  /** Whether the batch was sent more than once. */
  readonly isResent: boolean;

  constructor(isResent: boolean) {
    super('a message of the batch has the id of a stored message');
    this.isResent = isResent;
  }
}

/** Error of an atomic batch: the server has ignored its headers, and has stored some or all of its messages one by one. */
export class BatchNotAtomic extends Error {}

/** Error of the lookup of a message id that the server does not remember. */
class UnknownMessageId extends Error {}

/**
 * Number of messages in flight at which further messages wait in this process. An atomic batch that starts below this number
 * can exceed it.
 */
const MAX_IN_FLIGHT = 1024;

/** Time, in milliseconds, after which all messages without an acknowledgement are sent again. */
const ACK_TIMEOUT = 5_000;

/** Interval between checks of timeouts, in milliseconds. */
const CHECK_INTERVAL = 500;

/** First and maximum delay before messages are sent again, in milliseconds. Each failure doubles the delay. */
const FIRST_DELAY = 50;
const MAX_DELAY = 2_000;

/**
 * Fraction of the duplicate window in which a message may be sent again. The rest is a margin for the delivery of the
 * message.
 */
const RESEND_FRACTION = 0.75;

interface OutgoingMessage {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly payload: Uint8Array;
}

/** Message or atomic batch without an acknowledgement. */
interface Pending {
  /** Messages in order. The server acknowledges only the last message. */
  readonly messages: readonly OutgoingMessage[];
  /** Whether the messages are an atomic batch. */
  readonly isBatch: boolean;
  /** Returns the time since the append, in milliseconds. */
  readonly age: () => number;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
  sentAt: number | undefined;
  isResent: boolean;
}

/** Answer of the server: the sequence number of the message, or an error. */
interface Acknowledgement {
  readonly seq?: number;
  /** Whether the sequence number belongs to an earlier message with the same id. */
  readonly duplicate?: boolean;
  /** Number of messages of a stored atomic batch; missing if the server has ignored the headers of the batch. */
  readonly count?: number;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

/**
 * Error codes of the server for a lack of space. These errors have the status 503, but the message is not sent again,
 * because a later attempt would also fail.
 */
const OUT_OF_SPACE = [10023, 10028, 10047, 10077];

/** Returns whether an error is temporary, so that a later attempt to send the same message can succeed. */
const isTransient = ({ code, err_code }: NonNullable<Acknowledgement['error']>): boolean =>
  err_code === INCOMPLETE_BATCH ||
  err_code === DUPLICATE_IN_PROCESS ||
  err_code === TOO_MANY_BATCHES ||
  (code === 503 && !OUT_OF_SPACE.includes(err_code));

const notStored = (isBatch: boolean): string =>
  isBatch ? 'no event of the batch was stored' : 'the event was not stored';

const toError = (
  { err_code, description }: NonNullable<Acknowledgement['error']>,
  { isBatch, isResent }: Pending,
): Error => {
  if (WRONG_LAST.includes(err_code)) return new SequenceConflict(description);
  if (err_code === DUPLICATE_IN_BATCH) return new DuplicateInBatch(isResent);
  if (err_code === ROLLUP_NOT_PERMITTED) return new UnknownMessageId(description);
  return new StoreError(`${notStored(isBatch)}: ${description}`);
};

/** Acknowledgement of a published record. */
export interface Receipt {
  /** Sequence number of the stored message: the published message, or an earlier message with the same id. */
  readonly seqNum: number;
  /**
   * Whether the stored message is an earlier message with the same id. If `isResent` is also true, the earlier message can
   * be the first message of this append.
   */
  readonly isDuplicate: boolean;
  /** Whether the message was sent more than once. */
  readonly isResent: boolean;
}

/** Record of an atomic batch, with the id of its message. */
export interface BatchRecord {
  readonly record: NewRecord;
  /** Timestamp of the record, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Id of the message. Each attempt must use the same id. */
  readonly messageId: string;
}

/**
 * Publisher of the records of a stream. It sends a message again until the server acknowledges or rejects the message, or
 * until the message is too old.
 */
export interface Publisher {
  /** Returns the message id of a record: the result of `messageIdOf`, or a new message id if the record has no id. */
  messageIdFor(record: NewRecord): string;
  /**
   * Publishes a record. The Promise resolves when the server has acknowledged the record.
   *
   * @param precondition - Id of the message, and the required end of the stream. Without a precondition, any end is
   *   accepted, and the message gets the id that `messageIdFor` returns.
   * @throws {@link SequenceConflict} if the precondition is not met.
   */
  append(record: NewRecord, timestamp: number, precondition?: AppendPrecondition): Promise<Receipt>;
  /**
   * Publishes up to 1000 records as an atomic batch. When the server has stored all records, the Promise resolves with the
   * receipt of the last record. The stream must permit atomic batches.
   *
   * @param afterSequence - Required last sequence number of the stream, as the server counts it. Without this number, any
   *   last sequence number is accepted.
   * @throws {@link SequenceConflict} if the stream has another last sequence number. This attempt has stored nothing.
   * @throws {@link DuplicateInBatch} if a message has the id of a stored message. This attempt has stored nothing.
   * @throws {@link BatchNotAtomic} if the server has ignored the batch, and has stored messages one by one.
   */
  appendBatch(records: readonly BatchRecord[], afterSequence?: number): Promise<Receipt>;
  /** Looks up the sequence number of the message with this id; `undefined` if the server does not remember the id. */
  find(messageId: string): Promise<number | undefined>;
  /** Resolves when no message is pending. */
  settled(): Promise<void>;
  /** Rejects all pending messages and stops the publisher. */
  end(): void;
}

/**
 * Creates a publisher, which sends messages in the order of the calls without waiting for acknowledgements.
 *
 * After a failure, the publisher sends all messages without an acknowledgement again, in the same order. Failures are a lost
 * connection, a missing acknowledgement, or a stream without a leader. The server detects messages that it has already
 * stored by their ids, but only during the duplicate window of the stream. The publisher rejects a message that is not
 * acknowledged within three quarters of this window.
 *
 * @param window - Duplicate window of the stream, in milliseconds.
 */
export function createPublisher(client: StreamClient, window: number): Publisher {
  const { connection, prefix, state, state$ } = client;
  const inbox = createInbox(client.inboxPrefix);
  const idPrefix = nuid.next();
  const pending = new Map<number, Pending>();
  const onIdle = new Set<() => void>();
  let ids = 0;
  let counter = 0;
  let next = 0;
  let inFlight = 0;
  let isPaused = false;
  let delay = FIRST_DELAY;
  let resuming: NodeJS.Timeout | undefined;
  let timeoutChecks: NodeJS.Timeout | undefined;
  let lastProblem = 'the server sent no acknowledgement';

  const messageIdFor = ({ id }: NewRecord): string =>
    id === undefined ? `${idPrefix}-${ids++}` : messageIdOf(id);

  const remove = (number: number): Pending | undefined => {
    const message = pending.get(number);
    if (message === undefined) return undefined;
    pending.delete(number);
    if (number < next) inFlight -= message.messages.length;
    if (pending.size === 0) for (const resolve of onIdle) resolve();
    return message;
  };

  const send = (number: number, sent: Pending): void => {
    const { messages, isBatch } = sent;
    sent.isResent = sent.sentAt !== undefined;
    sent.sentAt = realNow();
    inFlight += messages.length;
    // Each attempt is a separate batch, because the server can still have the beginning of an earlier attempt.
    if (isBatch)
      setBatchHeaders(
        nuid.next(),
        messages.map(({ headers }) => headers),
      );
    try {
      for (const [index, { subject, headers, payload }] of messages.entries()) {
        const isLast = index === messages.length - 1;
        connection.publish(subject, payload, { headers, ...(isLast && { reply: `${inbox}.${number}` }) });
      }
    } catch (cause) {
      remove(number)?.reject(engineFailure(notStored(isBatch), cause));
    }
  };
  const pump = (): void => {
    while (!isPaused && next < counter && inFlight < MAX_IN_FLIGHT) {
      const number = next++;
      const message = pending.get(number);
      if (message !== undefined) send(number, message);
    }
  };

  const resume = (): void => {
    clearTimeout(resuming);
    isPaused = false;
    inFlight = 0;
    next = pending.keys().next().value ?? counter;
    pump();
  };
  const pauseFor = (problem: string): void => {
    lastProblem = problem;
    if (isPaused) return;
    isPaused = true;
    resuming = setTimeout(resume, delay);
    delay = Math.min(2 * delay, MAX_DELAY);
  };

  const rejectPending = ({ sentAt, isBatch, reject }: Pending): void => {
    const outcome = sentAt === undefined ? notStored(isBatch) : 'the outcome is unknown';
    reject(new StoreError(`${outcome}: ${lastProblem}`));
  };
  const checkTimeouts = (): void => {
    const now = realNow();
    for (const [number, message] of pending) {
      if (message.age() < RESEND_FRACTION * window) break;
      remove(number);
      rejectPending(message);
    }
    const [oldest] = pending.values();
    if (oldest === undefined) {
      clearInterval(timeoutChecks);
      timeoutChecks = undefined;
    } else if (!isPaused && oldest.sentAt !== undefined && oldest.sentAt + ACK_TIMEOUT <= now) {
      pauseFor(`the server sent no acknowledgement within ${ACK_TIMEOUT} ms`);
    }
  };

  const onAcknowledgement = (message: Msg): void => {
    const number = Number(message.subject.slice(inbox.length + 1));
    if (message.headers?.code) {
      pauseFor(`the stream does not answer (${message.headers.code})`);
      return;
    }
    const { seq = 0, duplicate = false, count, error } = message.json<Acknowledgement>();
    const { isBatch = false } = pending.get(number) ?? {};
    if (error !== undefined && !isTransient(error)) {
      const rejected = remove(number);
      rejected?.reject(toError(error, rejected));
    } else if (isBatch && error === undefined && count === undefined) {
      remove(number)?.reject(new BatchNotAtomic('the server has no atomic batches'));
    } else if (seq === 0) {
      // If there is no error, the server is still storing an earlier message with the same id.
      pauseFor(error?.description ?? 'the server is still storing the event');
    } else {
      delay = FIRST_DELAY;
      const acknowledged = remove(number);
      acknowledged?.resolve({ seqNum: seq, isDuplicate: duplicate, isResent: acknowledged.isResent });
    }
    pump();
  };
  const acknowledgements = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) =>
      error
        ? pauseFor(`the server does not permit acknowledgements: ${error.message}`)
        : onAcknowledgement(message),
  });

  const rejectAll = (): void => {
    clearTimeout(resuming);
    for (const [number, message] of pending) {
      remove(number);
      rejectPending(message);
    }
  };
  const states = state$.subscribe((newState) => {
    if (newState === 'connected') resume();
    else {
      clearTimeout(resuming);
      isPaused = true;
      lastProblem = `the connection is ${newState}`;
      if (newState === 'closed') rejectAll();
    }
  });

  const publish = (messages: readonly OutgoingMessage[], isBatch = false): Promise<Receipt> =>
    new Promise((resolve, reject) => {
      if (state() === 'closed') {
        reject(new StoreError(`${notStored(isBatch)}: the connection is closed`));
        return;
      }
      const sending = { sentAt: undefined, isResent: false };
      pending.set(counter++, { messages, isBatch, age: realStopwatch(), resolve, reject, ...sending });
      timeoutChecks ??= setInterval(checkTimeouts, CHECK_INTERVAL).unref();
      pump();
    });
  const toMessage = (record: NewRecord, timestamp: number, precondition: AppendPrecondition) => ({
    subject: subjectOf(prefix, record.objectType, record.operation),
    headers: toHeaders(record, timestamp, precondition),
    payload: record.payload,
  });

  return {
    messageIdFor,
    append: (record, timestamp, precondition = { id: messageIdFor(record) }) =>
      publish([toMessage(record, timestamp, precondition)]),
    appendBatch: (records, afterSequence) =>
      publish(
        records.map(({ record, timestamp, messageId: id }, index) =>
          toMessage(record, timestamp, {
            id,
            ...(index === 0 && afterSequence !== undefined && { afterSequence }),
          }),
        ),
        true,
      ),
    async find(messageId) {
      const subject = subjectOf(prefix, 'id', 'CREATE');
      try {
        const lookup = { subject, headers: toLookupHeaders(messageId), payload: new Uint8Array() };
        return (await publish([lookup])).seqNum;
      } catch (error) {
        if (error instanceof UnknownMessageId) return undefined;
        throw error;
      }
    },
    settled: () =>
      new Promise((resolve) => {
        if (pending.size === 0) resolve();
        else onIdle.add(resolve);
      }),
    end() {
      states.unsubscribe();
      acknowledgements.unsubscribe();
      clearInterval(timeoutChecks);
      rejectAll();
    },
  };
}
