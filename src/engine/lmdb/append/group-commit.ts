import type { RootDatabase } from 'lmdb';
import type { AppendResult } from '../../contract/event-log.ts';
import type { NewRecord, StoredRecord } from '../../contract/record.ts';
import type { EventsTable } from '../tables/events-table.ts';
import type { LogEndPosition, PendingAppend } from './append-batch.ts';
import type { WriteQueue } from './write-queue.ts';

interface Append extends PendingAppend {
  readonly appended: (place: AppendResult) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Appends by group commit: while one group is being flushed the next one gathers, so that a hundred writers share one
 * flush without any delay being added for it.
 *
 * A group is packed for where the log ends now, and committed if it still ends there: LMDB's own thread compares. If
 * another writer has appended meanwhile, the group is packed again inside a synchronous transaction, which no other writer
 * can overtake. One group is in flight at a time, so that the next one cannot overtake it either.
 *
 * @param onCommitted - Called with the latest number that can be read, and the records that were appended last.
 */
export function createGroupCommit(
  env: RootDatabase,
  writes: WriteQueue,
  table: EventsTable,
  onCommitted: (latest: number, records: readonly StoredRecord[]) => void,
) {
  let waiting: Append[] = [];
  let isBusy = false;
  let running: Promise<void> | undefined;
  let commits = 0;
  /** Where the log ended behind the last commit of this process: a guess, for others may have appended since. */
  let lastEnd: LogEndPosition | undefined;

  const putTogether = (group: readonly Append[], end: LogEndPosition) => {
    const batch = table.begin(end);
    return { batch, places: group.map((append) => batch.add(append)) };
  };
  /** What is read here is read afresh: lmdb-js keeps a read transaction until the event loop turns. */
  const readEnd = () => {
    env.resetReadTxn();
    return table.end();
  };
  const commit = async (group: readonly Append[]) => {
    const end = lastEnd ?? readEnd();
    lastEnd = undefined;
    const together = putTogether(group, end);
    if (await table.writeIfStill(end, together.batch)) return together;
    return writes.transactWithin(() => {
      const onceMore = putTogether(group, table.end());
      onceMore.batch.write();
      return onceMore;
    });
  };
  const commitWaiting = async () => {
    let group: readonly Append[] = [];
    const take = () => {
      group = waiting;
      waiting = [];
    };
    try {
      const { places, batch } = await writes.run(() => {
        take();
        return commit(group);
      });
      commits++;
      lastEnd = batch.end();
      onCommitted(lastEnd.latest, batch.records);
      for (const [index, { appended }] of group.entries()) appended(places[index] as AppendResult);
    } catch (error) {
      if (group.length === 0) take();
      for (const { failed } of group) failed(error);
    }
  };
  const run = async () => {
    isBusy = true;
    while (waiting.length > 0) await commitWaiting();
    isBusy = false;
  };

  return {
    /** Whether an append is under way. */
    isBusy: () => isBusy,
    /** How many commits there were. */
    commits: () => commits,
    append: (drafts: readonly NewRecord[], now: number) =>
      new Promise<AppendResult>((appended, failed) => {
        waiting.push({ drafts, now, appended, failed });
        if (!isBusy) running = run();
      }),
    /** Resolves when no append is under way. */
    settled: async () => running,
  };
}
