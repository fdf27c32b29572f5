import { type KvTable, RevisionConflict } from './kv-table.ts';

/** Key under which the latest timestamp is stored before a trim empties the log. */
const KEY = 'clock';

/** Clock of a log, which never goes back. */
export interface LogClock {
  /** Returns the timestamp of an append: the later of `now` and the latest timestamp. */
  at(now: number): number;
  /** Stores the latest timestamp, for processes that open the log when it holds no event. */
  persist(): Promise<void>;
}

/**
 * Opens the clock of a log.
 *
 * @param lastTimestamp - Timestamp of the last event; 0 if there is no event.
 */
export async function openClock(table: KvTable, lastTimestamp: number): Promise<LogClock> {
  const readStored = async () => {
    const { value, revision } = await table.get(KEY);
    return { time: value === undefined ? 0 : Number(Buffer.from(value).toString()), revision };
  };
  let latest = Math.max(lastTimestamp, (await readStored()).time);
  const persist = async (): Promise<void> => {
    const { time, revision } = await readStored();
    if (time >= latest) return;
    try {
      await table.put(KEY, Buffer.from(`${latest}`), revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await persist(); // another process has stored its timestamp
    }
  };
  return {
    at(now) {
      latest = Math.max(latest, now);
      return latest;
    },
    persist,
  };
}
