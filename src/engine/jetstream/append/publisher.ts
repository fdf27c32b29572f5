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
import { messageIdOf } from './context-format.ts';
import { type AppendPrecondition, subjectOf, toHeaders } from './message-format.ts';

/** Error codes of the server for a wrong last message id and a wrong last sequence number. */
const WRONG_LAST: readonly number[] = [10070, 10071];

/** Rejection of a message because its append precondition is not met. */
export class SequenceConflict extends Error {
  /** Last sequence number as the server counts it; `undefined` if the rejection does not contain it. */
  readonly last: number | undefined;

  constructor(description: string) {
    super(description);
    const [, last] = /^wrong last sequence: (\d+)$/.exec(description) ?? [];
    this.last = last === undefined ? undefined : Number(last);
  }
}

/** Maximum number of messages in flight. Further messages wait in this process. */
const MAX_IN_FLIGHT = 1024;

/** Time, in milliseconds, after which all messages without an acknowledgement are sent again. */
const ACK_TIMEOUT = 5_000;

/** Interval between checks of timeouts, in milliseconds. */
const CHECK_INTERVAL = 500;

/** First and maximum delay before messages are sent again, in milliseconds. */
const FIRST_DELAY = 50;
const MAX_DELAY = 2_000;

/** Fraction of the duplicate window in which a message may be sent again. */
const RESEND_FRACTION = 0.75;

/** Message without an acknowledgement. */
interface Pending {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly payload: Uint8Array;
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
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

/**
 * Error codes of the server for a lack of space. Their status is 503, but the message is not sent again, because a later
 * attempt would fail, too.
 */
const OUT_OF_SPACE = [10023, 10028, 10047, 10077];

const isRejection = ({ code, err_code }: NonNullable<Acknowledgement['error']>): boolean =>
  code !== 503 || OUT_OF_SPACE.includes(err_code);

const toError = ({ err_code, description }: NonNullable<Acknowledgement['error']>): Error =>
  WRONG_LAST.includes(err_code)
    ? new SequenceConflict(description)
    : new StoreError(`the event was not stored: ${description}`);

/** Acknowledgement of a published record. */
export interface Receipt {
  /** Sequence number of the stored message: the published one, or an earlier one with the same id. */
  readonly seqNum: number;
  /** Whether the stored message is an earlier one. If `isResent`, this append may have sent that message itself. */
  readonly isDuplicate: boolean;
  /** Whether the message was sent more than once. */
  readonly isResent: boolean;
}

/** Publisher of the records of a stream. */
export interface Publisher {
  /**
   * Publishes a record. Resolves when the server has acknowledged it.
   *
   * @param precondition - Id of the message, and the required end of the stream. Without it, any end is accepted, and the
   *   message gets the id that `messageIdOf` returns, or a new id if the record has none.
   * @throws {@link SequenceConflict} if the precondition is not met.
   */
  append(record: NewRecord, timestamp: number, precondition?: AppendPrecondition): Promise<Receipt>;
  /** Resolves when no message is pending. */
  settled(): Promise<void>;
  /** Rejects all pending messages and stops the publisher. */
  end(): void;
}

/**
 * Creates a publisher, which sends messages in the order of the calls without waiting for acknowledgements.
 *
 * After a failure, it sends all messages without an acknowledgement again, in the same order. Failures are a lost connection,
 * a missing acknowledgement, or a stream without a leader. The server detects messages that it has already stored by their
 * ids, but only during the duplicate window of the stream. The publisher rejects a message that is not acknowledged within
 * three quarters of this window.
 *
 * @param window - Duplicate window of the stream, in milliseconds.
 */
export function createPublisher(client: StreamClient, window: number): Publisher {
  const { connection, prefix, state, state$ } = client;
  const inbox = createInbox(client.inboxPrefix);
  const idPrefix = nuid.next();
  const pending = new Map<number, Pending>();
  const onIdle = new Set<() => void>();
  let counter = 0;
  let next = 0;
  let inFlight = 0;
  let isPaused = false;
  let delay = FIRST_DELAY;
  let resuming: NodeJS.Timeout | undefined;
  let timeoutChecks: NodeJS.Timeout | undefined;
  let lastProblem = 'the server sent no acknowledgement';

  const newMessageId = ({ id }: NewRecord): string =>
    id === undefined ? `${idPrefix}-${counter}` : messageIdOf(id);

  const remove = (number: number): Pending | undefined => {
    const message = pending.get(number);
    if (message === undefined) return undefined;
    pending.delete(number);
    if (number < next) inFlight--;
    if (pending.size === 0) for (const resolve of onIdle) resolve();
    return message;
  };

  const send = (number: number, message: Pending): void => {
    message.isResent = message.sentAt !== undefined;
    message.sentAt = realNow();
    inFlight++;
    try {
      connection.publish(message.subject, message.payload, {
        headers: message.headers,
        reply: `${inbox}.${number}`,
      });
    } catch (cause) {
      remove(number)?.reject(engineFailure('the event was not stored', cause));
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

  const rejectPending = ({ sentAt, reject }: Pending): void => {
    const outcome = sentAt === undefined ? 'the event was not stored' : 'the outcome is unknown';
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
    const { seq = 0, duplicate = false, error } = message.json<Acknowledgement>();
    if (error !== undefined && isRejection(error)) {
      remove(number)?.reject(toError(error));
    } else if (seq === 0) {
      // If there is no error, the message is a duplicate of one that the server has not finished storing.
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

  return {
    append: (record, timestamp, precondition = { id: newMessageId(record) }) =>
      new Promise((resolve, reject) => {
        if (state() === 'closed') {
          reject(new StoreError('the event was not stored: the connection is closed'));
          return;
        }
        const number = counter++;
        pending.set(number, {
          subject: subjectOf(prefix, record.objectType, record.operation),
          headers: toHeaders(record, timestamp, precondition),
          payload: record.payload,
          age: realStopwatch(),
          resolve,
          reject,
          sentAt: undefined,
          isResent: false,
        });
        timeoutChecks ??= setInterval(checkTimeouts, CHECK_INTERVAL).unref();
        pump();
      }),
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
