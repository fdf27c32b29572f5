import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { RootDatabase } from 'lmdb';
import { DeserializationError, DuplicateIdError } from '../../../errors.ts';
import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord, StoredRecord } from '../../contract/record.ts';
import type { EventsTable } from '../tables/events-table.ts';
import type { AppendBatch, LogEndPosition, PendingAppend } from './append-batch.ts';
import type { WriteQueue } from './write-queue.ts';

/** An append that waits for its commit. */
interface WaitingAppend extends PendingAppend {
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Result of an append of a group, or the error with which only this append fails. */
type AddOutcome = Either<DuplicateIdError | DeserializationError, AppendResult>;

/**
 * Adds an append to a batch. Returns an error that concerns only this append. Throws any other error, because an error of
 * LMDB concerns the whole group.
 */
const tryAdd = (batch: AppendBatch, append: PendingAppend): AddOutcome => {
  try {
    return right(batch.add(append));
  } catch (error) {
    if (error instanceof DuplicateIdError || error instanceof DeserializationError) return left(error);
    throw error;
  }
};

const settle = ({ resolve, reject }: WaitingAppend, outcome: AddOutcome): void => {
  if (outcome._tag === 'Right') resolve(outcome.right);
  else reject(outcome.left);
};

/**
 * Creates the group commit of a log. While one group is flushed to the disk, later appends gather in the next group. In this
 * way, a hundred writers can share one flush, without an additional delay.
 *
 * A group is encoded for the current end of the log. LMDB's thread commits the group on the condition that the log still has
 * this end. If another writer has appended in the meantime, the group is encoded again inside a synchronous transaction,
 * during which no other writer can append. Only one group is in flight at a time, so that groups keep their order.
 *
 * @param onCommitted - Called after each commit with the latest sequence number and the appended records.
 */
export function createGroupCommit(
  env: RootDatabase,
  writes: WriteQueue,
  table: EventsTable,
  onCommitted: (latest: number, records: readonly StoredRecord[]) => void,
) {
  let waiting: WaitingAppend[] = [];
  let isBusy = false;
  let running: Promise<void> | undefined;
  let commits = 0;
  /** End of the log after the last commit of this process. Another process may have appended since then. */
  let lastEnd: LogEndPosition | undefined;

  const encode = (group: readonly WaitingAppend[], end: LogEndPosition) => {
    const batch = table.createBatch(end);
    return { batch, outcomes: group.map((append) => tryAdd(batch, append)) };
  };
  const readEnd = () => {
    // lmdb-js reuses a read transaction until the next turn of the event loop. Without the reset, this read could return an
    // outdated end.
    env.resetReadTxn();
    return table.end();
  };
  /**
   * Returns the end of the log for a group. Ids must be looked up in a snapshot that is not older than this end, because
   * the condition of the commit only covers changes after the end.
   */
  const endFor = (group: readonly WaitingAppend[]): LogEndPosition => {
    if (lastEnd === undefined) return readEnd();
    if (group.some(({ newRecords }) => newRecords.some(({ id }) => id !== undefined))) env.resetReadTxn();
    return lastEnd;
  };
  const commit = async (group: readonly WaitingAppend[]) => {
    const end = endFor(group);
    lastEnd = undefined;
    const first = encode(group, end);
    // If all records of the group are duplicates, nothing is written, because the stored records are already durable.
    if (first.batch.records.length === 0) return first;
    if (await table.writeIfEndIs(end, first.batch)) return first;
    return writes.transactWithin(() => {
      const second = encode(group, table.end());
      second.batch.write();
      return second;
    });
  };
  const commitWaiting = async () => {
    let group: readonly WaitingAppend[] = [];
    const take = () => {
      group = waiting;
      waiting = [];
    };
    try {
      const { outcomes, batch } = await writes.run(() => {
        take();
        return commit(group);
      });
      lastEnd = batch.end();
      if (batch.records.length > 0) {
        commits++;
        onCommitted(lastEnd.latest, batch.records);
      }
      for (const [index, append] of group.entries()) settle(append, outcomes[index] as AddOutcome);
    } catch (error) {
      if (group.length === 0) take();
      for (const { reject } of group) reject(error);
    }
  };
  const run = async () => {
    isBusy = true;
    while (waiting.length > 0) await commitWaiting();
    isBusy = false;
  };

  return {
    /** Returns whether an append is in flight. */
    isBusy: () => isBusy,
    /** Returns the number of commits that have stored records since the log was opened. */
    commits: () => commits,
    /** Appends records. Resolves when they are durable. */
    append: (newRecords: readonly NewRecord[], now: number) =>
      new Promise<AppendResult>((resolve, reject) => {
        waiting.push({ newRecords, now, resolve, reject });
        if (!isBusy) running = run();
      }),
    /** Resolves when no append is in flight. */
    settled: async () => running,
  };
}
