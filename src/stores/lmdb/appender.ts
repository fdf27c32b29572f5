import type { RootDatabase } from 'lmdb';
import type { Appended } from '../../store/event-log.ts';
import type { RecordDraft } from '../../store/record.ts';
import type { Draft, LogTable } from './log-table.ts';
import type { Writes } from './writes.ts';

interface Append extends Draft {
  readonly appended: (place: Appended) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Appends by group commit: all that is waiting when the transaction gets its turn goes into that one commit.
 *
 * While a commit is being flushed the next one gathers, so that a hundred writers share one flush without any delay
 * being added for it.
 *
 * @param onCommitted - Called when there is something new to read.
 */
export function createAppender(env: RootDatabase, writes: Writes, table: LogTable, onCommitted: () => void) {
  let waiting: Append[] = [];
  let scheduled = false;

  const takeWaiting = (): readonly Append[] => {
    const group = waiting;
    waiting = [];
    scheduled = false;
    return group;
  };

  const commitGroup = async () => {
    let group: readonly Append[] | undefined;
    try {
      // A child transaction, because only that takes back what it has put when something throws in it.
      const places = await writes.run(() =>
        env.childTransaction(() => {
          group = takeWaiting();
          const batch = table.begin();
          const places = group.map((append) => batch.add(append));
          batch.write();
          return places;
        }),
      );
      for (const [index, { appended }] of (group ?? []).entries()) appended(places[index] as Appended);
    } catch (error) {
      for (const { failed } of group ?? takeWaiting()) failed(error);
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
