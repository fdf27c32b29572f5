import { InvalidRequestError } from '../../../errors.ts';
import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord } from '../../contract/record.ts';
import type { EventsTable } from '../tables/events-table.ts';
import type { WriteQueue } from './write-queue.ts';

/** Function that appends records synchronously, inside the current transaction. */
export type AppendWithin = (newRecords: readonly NewRecord[], now: number) => AppendResult;

const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const invalidWork = (message: string): never => {
  throw new InvalidRequestError([{ path: 'work', message }]);
};

function assertNoPromise(result: unknown): void {
  if (!isPromise(result)) return;
  // The transaction is rolled back, so the outcome of the Promise is ignored.
  Promise.resolve(result).catch(() => undefined);
  invalidWork('must be a synchronous function; received a function that returns a Promise');
}

/**
 * Calls a function of the application in one write transaction, which includes the appends that the function makes.
 *
 * The function must be synchronous. Otherwise other reads and writes of the process would become part of the open
 * transaction. Reads would then return data that can still be rolled back.
 *
 * If the function or the commit fails, nothing is stored.
 *
 * @throws The error of `work`, unchanged.
 * @throws {@link InvalidRequestError} if `work` returns a Promise.
 */
export function runTransaction<R>(
  writes: WriteQueue,
  table: EventsTable,
  work: (append: AppendWithin) => R,
): Promise<R> {
  return writes.transact(() => {
    let isOver = false;
    try {
      const batch = table.createBatch(table.end());
      const result = work((newRecords, now) =>
        isOver
          ? invalidWork('must store events before it returns; the transaction has ended')
          : batch.add({ newRecords, now }),
      );
      assertNoPromise(result);
      batch.write();
      return result;
    } finally {
      isOver = true;
    }
  });
}
