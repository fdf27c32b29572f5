import type { RootDatabase } from 'lmdb';
import type { Appended } from '../../store/event-log.ts';
import type { RecordDraft } from '../../store/record.ts';
import type { LogEnd } from './log-end.ts';
import type { Draft, LogTable } from './log-table.ts';
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
 * @param onCommitted - Called when there is something new to read.
 */
export function createAppender(env: RootDatabase, writes: Writes, table: LogTable, onCommitted: () => void) {
  let waiting: Append[] = [];
  let scheduled = false;
  let underWay = 0;

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
        const { batch, places } = putTogether(table.end());
        batch.write();
        return places;
      });
    const commitNow = async (end: LogEnd) => {
      const { batch, places } = putTogether(end);
      if (await table.writeIfStill(end, batch)) return places;
      waiting = [...group, ...waiting];
      group = [];
      return commitInTurn();
    };
    underWay++;
    try {
      const places = await writes.run(async () => {
        env.resetReadTxn();
        const end = underWay === 1 ? table.knownEnd() : undefined;
        return end === undefined ? commitInTurn() : commitNow(end);
      });
      underWay--;
      for (const [index, { appended }] of group.entries()) appended(places[index] as Appended);
    } catch (error) {
      underWay--;
      if (group.length === 0) take();
      for (const { failed } of group) failed(error);
      return;
    }
    onCommitted();
  };

  return (drafts: readonly RecordDraft[], now: number) =>
    new Promise<Appended>((appended, failed) => {
      waiting.push({ drafts, now, appended, failed });
      if (scheduled) return;
      scheduled = true;
      void commitGroup();
    });
}
