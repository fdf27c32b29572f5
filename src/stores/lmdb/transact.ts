import type { RootDatabase } from 'lmdb';
import { InvalidRequestError } from '../../errors.ts';
import type { Appended } from '../../store/event-log.ts';
import type { RecordDraft } from '../../store/record.ts';
import type { LogTable } from './log-table.ts';
import type { Writes } from './writes.ts';

/** Appends at once, inside the transaction in which it is called. */
export type AppendWithin = (drafts: readonly RecordDraft[], now: number) => Appended;

const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const refuse = (message: string): never => {
  throw new InvalidRequestError([{ path: 'work', message }]);
};

/** Refuses work that goes on behind its return; what becomes of that is nobody's business any more. */
function refusePromise(result: unknown): void {
  if (!isPromise(result)) return;
  Promise.resolve(result).catch(() => undefined);
  refuse('expected a function that is done when it returns, got one that returns a Promise');
}

/**
 * Does the work of an application, and the appends that it makes, in one write transaction.
 *
 * The work must be synchronous: while a transaction waited, whatever else the process reads or writes would take part
 * in it, and see what may yet be taken back.
 *
 * @throws What the work throws, as it is; nothing of the transaction is left then.
 */
export async function transact<R>(
  env: RootDatabase,
  writes: Writes,
  table: LogTable,
  work: (append: AppendWithin) => R,
): Promise<R> {
  let isOver = false;
  let thrown: { readonly error: unknown } | undefined;
  try {
    return await writes.run(() =>
      env.childTransaction(() => {
        try {
          const batch = table.begin(table.end());
          const result = work((drafts, now) =>
            isOver ? refuse('the transaction is over') : batch.add({ drafts, now }),
          );
          refusePromise(result);
          batch.write();
          return result;
        } catch (error) {
          thrown = { error };
          // Whatever was thrown, it is not to be taken for a failure of the engine on the way out.
          throw new Error('the work of the transaction failed');
        } finally {
          isOver = true;
        }
      }),
    );
  } catch (error) {
    throw thrown === undefined ? error : thrown.error;
  }
}
