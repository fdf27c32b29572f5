/**
 * A custom engine: a log in a JSON file. Each write replaces the whole file, so the engine is slow but easy to understand. Use
 * it for a few hundred events that you want to read in an editor. It does not store dead letters, leases or reports.
 *
 * `createEventStore(openJsonFileLog(path), {})` creates a store on this engine. The store adds what all engines share, such
 * as serialization, long polling and scheduled garbage collection.
 */
import type { EventLog } from 'rx-watcher';
import { defer, type Observable, of, Subject } from 'rxjs';
import { findDuplicates } from './duplicates.ts';
import { openJsonFile } from './json-file.ts';
import { type Line, matches, toLine, toRecord } from './line.ts';

/** Contents of the file: the last trimmed sequence number, the time of the last append, the records and checkpoints. */
type Contents = { trimmed: number; time: number; lines: Line[]; checkpoints: [string, number][] };

const deferred = <T>(read: () => T): Observable<T> => defer(() => of(read()));

export function openJsonFileLog(path: string): EventLog {
  const file = openJsonFile<Contents>(path, { trimmed: 0, time: 0, lines: [], checkpoints: [] });
  const appended$ = new Subject<undefined>();
  const latest = () => file.contents.trimmed + file.contents.lines.length;
  const bounds = () => ({ oldest: file.contents.trimmed + 1, latest: latest() });
  const others = (id: string) => file.contents.checkpoints.filter(([other]) => other !== id);

  return {
    appended$,
    async append(drafts, now) {
      const [firstSeqNum, time] = [latest() + 1, Math.max(now, file.contents.time)];
      const duplicates = findDuplicates(drafts, file.contents.lines);
      const added: Line[] = [];
      const seqNums = drafts.map((draft, index) => {
        const line = duplicates.get(index) ?? toLine(draft, firstSeqNum + added.length, time);
        if (!duplicates.has(index)) added.push(line);
        return line.seqNum;
      });
      if (added.length > 0) {
        file.change({ time, lines: [...file.contents.lines, ...added] });
        appended$.next(undefined);
      }
      if (duplicates.size === 0) return { firstSeqNum, timestamp: time };
      const records = [...duplicates].map(([index, line]) => [index, toRecord(line)] as const);
      return { firstSeqNum, timestamp: time, seqNums, duplicates: new Map(records) };
    },
    read: ({ after, filter, maxScanned, limit, maxBytes }) =>
      deferred(() => {
        const start = Math.max(after, file.contents.trimmed);
        const records = [];
        let [lastScannedSeqNum, bytes] = [start, 0];
        for (const line of file.contents.lines.slice(start - file.contents.trimmed)) {
          if (lastScannedSeqNum - start >= maxScanned || records.length >= limit || bytes >= maxBytes) break;
          lastScannedSeqNum = line.seqNum;
          if (!matches(filter, line)) continue;
          const record = toRecord(line);
          bytes += record.payload.length;
          records.push(record);
        }
        return { records, lastScannedSeqNum, ...bounds() };
      }),
    bounds: () => deferred(bounds),
    seqNumForTimestamp: (time) =>
      deferred(() => file.contents.lines.find(({ timestamp }) => timestamp >= time)?.seqNum ?? latest() + 1),
    async trim({ maxSeqNum, maxTimestamp, respectCheckpoints, lowWatermark, maxRecords }) {
      const { trimmed, lines, checkpoints } = file.contents;
      const held = respectCheckpoints ? checkpoints.map(([, seqNum]) => seqNum) : [];
      const last = Math.min(maxSeqNum, lowWatermark?.() ?? maxSeqNum, ...held);
      const kept = lines.findIndex(({ seqNum, timestamp }) => seqNum > last || timestamp > maxTimestamp);
      const deleted = Math.min(kept === -1 ? lines.length : kept, maxRecords);
      file.change({ trimmed: trimmed + deleted, lines: lines.slice(deleted) });
      return { deleted, oldest: bounds().oldest };
    },
    bytes: () => deferred(() => file.contents.lines.reduce((sum, { base64 }) => sum + base64.length, 0)),
    getCheckpoint: (id) => deferred(() => new Map(file.contents.checkpoints).get(id)),
    checkpoints: () => deferred(() => new Map(file.contents.checkpoints)),
    storeCheckpoint: async (id, seqNum) => file.change({ checkpoints: [...others(id), [id, seqNum]] }),
    deleteCheckpoint: async (id) => file.change({ checkpoints: others(id) }),
    close: async () => appended$.complete(),
  };
}
