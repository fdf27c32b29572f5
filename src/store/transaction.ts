import * as t from 'io-ts';
import type { EventLog, LogTransaction } from '../engine/contract/event-log.ts';
import { type Fault, InvalidOptionsError, InvalidRequestError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { Metadata } from '../event/event-context.ts';
import { check } from '../validation/check.ts';
import { fn, watcherName, wholeFrom } from '../validation/types.ts';
import { TransactionAppends } from './append/append-channel.ts';
import type { EventWriter } from './append/event-writer.ts';
import { durableWrite } from './durable-write.ts';
import type { EventStore, TransactionWork } from './event-store.ts';
import { checkFence } from './leases.ts';

const Work = t.type({ work: fn });
const Checkpoint = t.type({ watcherId: watcherName, seqNum: wholeFrom(0) });
const DeadLetterOf = t.intersection([
  t.type({ watcherId: watcherName, seqNum: wholeFrom(1) }),
  t.partial({ partitionId: watcherName }),
]);

const invalid = (subject: string) => (faults: readonly Fault[]) => new InvalidOptionsError(subject, faults);

const invalidWork = (message: string): never => {
  throw new InvalidRequestError([{ path: 'work', message }]);
};

const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

function assertNoPromise(result: unknown): void {
  if (!isPromise(result)) return;
  // The transaction is rolled back. Ignore the Promise, because an unhandled rejection would end the process.
  Promise.resolve(result).catch(() => undefined);
  invalidWork('must be a synchronous function; received a function that returns a Promise');
}

type TransactionalLog = EventLog & Required<Pick<EventLog, 'transact'>>;

export const hasTransactions = (log: EventLog): log is TransactionalLog => log.transact !== undefined;

/**
 * Calls the work function with functions that validate their arguments, and that throw an error after the work function has
 * returned.
 */
function callWork<E extends Event, R>(
  log: EventLog,
  writer: EventWriter,
  transaction: LogTransaction,
  work: TransactionWork<E, R>,
  appends: TransactionAppends,
): R {
  let isOver = false;
  const assertCurrent = () => {
    if (isOver) invalidWork('must not write after it has returned; the transaction has ended');
  };
  try {
    const result = work(
      (request) => {
        assertCurrent();
        const storeEvent = (metadata?: Metadata) => writer.storeWithin(request, transaction.append, metadata);
        return appends.publish(request, storeEvent) as E;
      },
      (watcherId, seqNum, fence) => {
        assertCurrent();
        check(Checkpoint, { watcherId, seqNum }, invalid('checkpoint'));
        checkFence(log, fence);
        transaction.storeCheckpoint(watcherId, seqNum, fence);
      },
      (watcherId, seqNum, fence, partitionId) => {
        assertCurrent();
        check(DeadLetterOf, { watcherId, seqNum, partitionId }, invalid('dead letter'));
        checkFence(log, fence);
        if (log.deadLetters !== undefined) {
          transaction.deleteDeadLetter(watcherId, seqNum, fence, partitionId);
        }
      },
    );
    assertNoPromise(result);
    return result;
  } finally {
    isOver = true;
  }
}

export function transact<E extends Event, R>(
  store: EventStore,
  log: TransactionalLog,
  writer: EventWriter,
  work: TransactionWork<E, R>,
): Promise<R> {
  check(Work, { work }, (faults) => new InvalidRequestError(faults));
  const appends = new TransactionAppends(store);
  const call = (transaction: LogTransaction) => {
    appends.begin();
    return callWork(log, writer, transaction, work, appends);
  };
  try {
    const written = durableWrite(log.transact(call));
    appends.endWith(written);
    return written;
  } catch (error) {
    appends.fail(error);
    throw error;
  }
}
