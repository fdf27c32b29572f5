import type { Database, RootDatabase } from 'lmdb';
import { Subject } from 'rxjs';
import type { Appended, RecordDraft, StoredRecord } from '../../store/event-log.ts';
import { committed } from './commit.ts';
import { chunksOf, encodeChunk } from './encode-chunk.ts';

interface Append {
  readonly drafts: readonly RecordDraft[];
  readonly now: number;
  readonly appended: (place: Appended) => void;
  readonly failed: (error: unknown) => void;
}

/** The end of the log, as a write transaction sees it. */
export interface LogEnd {
  /** The highest number ever given. */
  readonly latest: number;
  /** The time of that record, in milliseconds since 1970. */
  readonly timestamp: number;
}

/**
 * Appends by group commit: all that is waiting when the transaction gets its turn goes into that one commit.
 *
 * While a commit is being flushed the next one gathers, so that a hundred writers share one flush without any delay
 * being added for it.
 */
export function createAppender(env: RootDatabase, events: Database<Buffer, number>, readEnd: () => LogEnd) {
  const appended$ = new Subject<void>();
  let waiting: Append[] = [];
  let scheduled = false;

  /** Runs inside the write transaction: numbers and times come from what is there, whoever wrote it. */
  const write = (group: readonly Append[]): readonly Appended[] => {
    let { latest, timestamp } = readEnd();
    const records: StoredRecord[] = [];
    const places = group.map(({ drafts, now }) => {
      const firstSeqNum = latest + 1;
      timestamp = Math.max(timestamp, now);
      for (const draft of drafts) records.push({ ...draft, seqNum: ++latest, timestamp });
      return { firstSeqNum, timestamp };
    });
    for (const chunk of chunksOf(records)) {
      void events.put((chunk.at(-1) as StoredRecord).seqNum, encodeChunk(chunk));
    }
    return places;
  };

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
      const places = await committed(() =>
        env.childTransaction(() => {
          group = takeWaiting();
          return write(group);
        }),
      );
      appended$.next();
      for (const [index, { appended }] of (group ?? []).entries()) appended(places[index] as Appended);
    } catch (error) {
      for (const { failed } of group ?? takeWaiting()) failed(error);
    }
  };

  return {
    appended$: appended$.asObservable(),
    append: (drafts: readonly RecordDraft[], now: number) =>
      new Promise<Appended>((appended, failed) => {
        waiting.push({ drafts, now, appended, failed });
        if (scheduled) return;
        scheduled = true;
        void commitGroup();
      }),
  };
}
