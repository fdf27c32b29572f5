import { InvalidRequestError } from '../../../errors.ts';
import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord } from '../../contract/record.ts';
import type { EventsTable } from '../tables/events-table.ts';
import type { WriteQueue } from './write-queue.ts';

/** Appends at once, inside the transaction in which it is called. */
export type AppendWithin = (drafts: readonly NewRecord[], now: number) => AppendResult;

const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const refuse = (message: string): never => {
  throw new InvalidRequestError([{ path: 'work', message }]);
};

/** Throws if the work goes on after its return; what becomes of that Promise concerns nothing any more. */
function assertNoPromise(result: unknown): void {
  if (!isPromise(result)) return;
  Promise.resolve(result).catch(() => undefined);
  refuse('expected a function that is done when it returns, got one that returns a Promise');
}

/**
 * Does the work of an application, and the appends that it makes, in one write transaction.
 *
 * The work must be synchronous: while a transaction waited, everything else that the process reads or writes would take
 * part in it, and see what may yet be rolled back.
 *
 * @throws What the work throws, as it is; nothing of the transaction is left then.
 */
export function runTransaction<R>(
  writes: WriteQueue,
  table: EventsTable,
  work: (append: AppendWithin) => R,
): Promise<R> {
  return writes.transact(() => {
    let isOver = false;
    try {
      const batch = table.begin(table.end());
      const result = work((drafts, now) =>
        isOver ? refuse('the transaction is over') : batch.add({ drafts, now }),
      );
      assertNoPromise(result);
      batch.write();
      return result;
    } finally {
      isOver = true;
    }
  });
}
