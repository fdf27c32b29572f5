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
import { type AppendPrecondition, subjectOf, toHeaders } from './message-format.ts';

/** The codes of the server's errors for a message that expects another last id, or number, than there is. */
const WRONG_LAST: readonly number[] = [10070, 10071];

/** A message was refused because it does not follow on what it expects. */
export class SequenceConflict extends Error {
  /** The last number by the server's own count; `undefined` if it tells an id, or nothing. */
  readonly last: number | undefined;

  constructor(description: string) {
    super(description);
    const [, last] = /^wrong last sequence: (\d+)$/.exec(description) ?? [];
    this.last = last === undefined ? undefined : Number(last);
  }
}

/** The most messages that are under way. */
const MOST_UNDER_WAY = 1024;

/** How long, in milliseconds, an acknowledgement may take before all that waits for one is sent again. */
const PATIENCE = 5_000;

/** How often, in milliseconds, that is looked at. */
const LOOK_EVERY = 500;

/** Delays, in milliseconds, before all is sent again. */
const FIRST_DELAY = 50;
const LONGEST_DELAY = 2_000;

/** A message may be sent again in this part of the time for which the server knows it again. */
const SAFE_PART = 0.75;

/** A record that the server has not acknowledged. */
interface Pending {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly payload: Uint8Array;
  /** How long ago it was appended, in milliseconds. */
  readonly age: () => number;
  readonly stored: (seqNum: number) => void;
  readonly failed: (error: unknown) => void;
  sentAt: number | undefined;
}

/** What the server answers: where the message stands, or why it does not. */
interface Acknowledgement {
  readonly seq?: number;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

/** What the server calls unavailable although waiting does not mend it: no room, of one kind or another. */
const NO_ROOM = [10023, 10028, 10047, 10077];

const isRefusal = ({ code, err_code }: NonNullable<Acknowledgement['error']>): boolean =>
  code !== 503 || NO_ROOM.includes(err_code);

const toError = ({ err_code, description }: NonNullable<Acknowledgement['error']>): Error =>
  WRONG_LAST.includes(err_code)
    ? new SequenceConflict(description)
    : new StoreError(`the event was not stored: ${description}`);

/** Publishes records. */
export interface Publisher {
  /**
   * Publishes one; resolves with its number once that is acknowledged.
   *
   * @param link - Its id, and what it is to follow; it follows on anything, if missing.
   * @throws SequenceConflict if it does not.
   */
  append(draft: NewRecord, timestamp: number, link?: AppendPrecondition): Promise<number>;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Gives up what is under way. */
  end(): void;
}

/**
 * Publishes records in the order of the calls, without waiting for one to send the next.
 *
 * Whatever goes wrong (the connection is lost, an acknowledgement does not come, the stream has no leader just then),
 * all that was not acknowledged is sent again in the same order, and the server knows by its id what it has stored
 * already. It does for a time, the stream's duplicate window: what is not acknowledged in good time before that is over
 * is given up.
 *
 * @param window - That time, in milliseconds.
 */
export function createPublisher(access: StreamClient, window: number): Publisher {
  const { connection, prefix, state, state$ } = access;
  const inbox = createInbox(access.inboxPrefix);
  const idPrefix = nuid.next();
  const pending = new Map<number, Pending>();
  const idle = new Set<() => void>();
  let counter = 0;
  let next = 0;
  let underWay = 0;
  let isPaused = false;
  let delay = FIRST_DELAY;
  let resuming: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let lastTrouble = 'no acknowledgement came';

  const remove = (number: number): Pending | undefined => {
    const one = pending.get(number);
    if (one === undefined) return undefined;
    pending.delete(number);
    if (number < next) underWay--;
    if (pending.size === 0) for (const isIdle of idle) isIdle();
    return one;
  };

  const send = (number: number, one: Pending): void => {
    one.sentAt = realNow();
    underWay++;
    try {
      connection.publish(one.subject, one.payload, {
        headers: one.headers,
        reply: `${inbox}.${number}`,
      });
    } catch (cause) {
      remove(number)?.failed(engineFailure('the event was not stored', cause));
    }
  };
  const pump = (): void => {
    while (!isPaused && next < counter && underWay < MOST_UNDER_WAY) {
      const number = next++;
      const one = pending.get(number);
      if (one !== undefined) send(number, one);
    }
  };

  const resume = (): void => {
    clearTimeout(resuming);
    isPaused = false;
    underWay = 0;
    next = pending.keys().next().value ?? counter;
    pump();
  };
  const pauseFor = (trouble: string): void => {
    lastTrouble = trouble;
    if (isPaused) return;
    isPaused = true;
    resuming = setTimeout(resume, delay);
    delay = Math.min(2 * delay, LONGEST_DELAY);
  };

  const giveUp = ({ sentAt, failed }: Pending): void => {
    const outcome = sentAt === undefined ? 'the event was not stored' : 'the outcome is unknown';
    failed(new StoreError(`${outcome}: ${lastTrouble}`));
  };
  const checkTimeouts = (): void => {
    const now = realNow();
    for (const [number, one] of pending) {
      if (one.age() < SAFE_PART * window) break;
      remove(number);
      giveUp(one);
    }
    const [oldest] = pending.values();
    if (oldest === undefined) {
      clearInterval(looking);
      looking = undefined;
    } else if (!isPaused && oldest.sentAt !== undefined && oldest.sentAt + PATIENCE <= now) {
      pauseFor(`no acknowledgement came within ${PATIENCE} ms`);
    }
  };

  const onAcknowledgement = (message: Msg): void => {
    const number = Number(message.subject.slice(inbox.length + 1));
    if (message.headers?.code) {
      pauseFor(`the stream does not answer (${message.headers.code})`);
      return;
    }
    const { seq = 0, error } = message.json<Acknowledgement>();
    if (error !== undefined && isRefusal(error)) {
      remove(number)?.failed(toError(error));
    } else if (seq === 0) {
      pauseFor(error?.description ?? 'it is being stored'); // the server has not finished the one that it knows it from
    } else {
      delay = FIRST_DELAY;
      remove(number)?.stored(seq);
    }
    pump();
  };
  const acknowledgements = connection.subscribe(`${inbox}.*`, {
    callback: (error, message) =>
      error ? pauseFor(`acknowledgements are refused: ${error.message}`) : onAcknowledgement(message),
  });

  const endAll = (): void => {
    clearTimeout(resuming);
    for (const [number, one] of pending) {
      remove(number);
      giveUp(one);
    }
  };
  const states = state$.subscribe((present) => {
    if (present === 'connected') resume();
    else {
      clearTimeout(resuming);
      isPaused = true;
      lastTrouble = `the connection is ${present}`;
      if (present === 'closed') endAll();
    }
  });

  return {
    append: (draft, timestamp, link = { id: `${idPrefix}-${counter}` }) =>
      new Promise((stored, failed) => {
        if (state() === 'closed') {
          failed(new StoreError('the event was not stored: the connection is closed'));
          return;
        }
        const number = counter++;
        pending.set(number, {
          subject: subjectOf(prefix, draft.objectType, draft.operation),
          headers: toHeaders(draft, timestamp, link),
          payload: draft.payload,
          age: realStopwatch(),
          stored,
          failed,
          sentAt: undefined,
        });
        looking ??= setInterval(checkTimeouts, LOOK_EVERY).unref();
        pump();
      }),
    settled: () =>
      new Promise((resolve) => {
        if (pending.size === 0) resolve();
        else idle.add(resolve);
      }),
    end() {
      states.unsubscribe();
      acknowledgements.unsubscribe();
      clearInterval(looking);
      endAll();
    },
  };
}
