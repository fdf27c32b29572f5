import type { RootDatabase } from 'lmdb';
import type { Appended } from '../../store/event-log.ts';
import type { RecordDraft } from '../../store/record.ts';
import type { Draft, LogEnd } from './log-batch.ts';
import type { LogTable } from './log-table.ts';
import type { Writes } from './writes.ts';

interface Append extends Draft {
  readonly appended: (place: Appended) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Appends by group commit: while a commit is being flushed the next one gathers, so that a hundred writers share one
 * flush without any delay being added for it.
 *
 * Where no commit is under way, what is waiting is put together at once, for where the log ends now, and committed if it
 * still ends there: LMDB's own thread sees to that. Otherwise, or if somebody else has appended meanwhile, it is put
 * together inside the transaction, of all that is waiting when that has its turn: that takes a detour from LMDB's thread
 * to this one and back, which a commit that waits for another anyway can spare.
 *
 * @param onCommitted - Is told up to where there is something to read.
 */
export function createAppender(
  env: RootDatabase,
  writes: Writes,
  table: LogTable,
  onCommitted: (latest: number) => void,
) {
  let waiting: Append[] = [];
  let scheduled = false;
  let underWay = 0;
  let commits = 0;
  /** Where the log ended behind the last commit of this process: a guess, for others may have appended since. */
  let lastEnd: LogEnd | undefined;

  const commitGroup = async () => {
    let group: readonly Append[] = [];
    const take = () => {
      group = waiting;
      waiting = [];
      scheduled = false;
    };
    const putTogether = (end: LogEnd) => {
      take();
      const batch = table.begin(end);
      return { batch, places: group.map((append) => batch.add(append)) };
    };
    const commitInTurn = () =>
      // A child transaction, because only that takes back what it has put when something throws in it.
      env.childTransaction(() => {
        const together = putTogether(table.end());
        together.batch.write();
        return together;
      });
    const commitNow = async (end: LogEnd) => {
      const together = putTogether(end);
      if (await table.writeIfStill(end, together.batch)) return together;
      waiting = [...group, ...waiting];
      group = [];
      return commitInTurn();
    };
    /** What is read here is read afresh: lmdb-js keeps a read transaction until the event loop turns. */
    const readEnd = () => {
      env.resetReadTxn();
      return table.end();
    };
    underWay++;
    try {
      const { places, batch } = await writes.run(async () => {
        const end = lastEnd;
        lastEnd = undefined;
        return underWay === 1 ? commitNow(end ?? readEnd()) : commitInTurn();
      });
      underWay--;
      commits++;
      lastEnd = batch.end;
      onCommitted(batch.end.latest);
      for (const [index, { appended }] of group.entries()) appended(places[index] as Appended);
    } catch (error) {
      underWay--;
      if (group.length === 0) take();
      for (const { failed } of group) failed(error);
    }
  };

  return {
    /** Whether an append is under way. */
    isBusy: () => underWay > 0,
    /** How many commits there were. */
    commits: () => commits,
    append: (drafts: readonly RecordDraft[], now: number) =>
      new Promise<Appended>((appended, failed) => {
        waiting.push({ drafts, now, appended, failed });
        if (scheduled) return;
        scheduled = true;
        void commitGroup();
      }),
  };
}
