import { type KvTable, RevisionConflict } from './kv-table.ts';

/** Where the newest time is kept when the log is emptied. */
const KEY = 'clock';

/** The time of a log: it never goes back. */
export interface LogClock {
  /** The time of an append: now, or the newest time known, if that is later. */
  at(now: number): number;
  /** Keeps the newest time, for whoever opens the log when no event is left to tell it. */
  keep(): Promise<void>;
}

/**
 * Reads the clock of a log.
 *
 * @param newest - The time of the last event, if there is one.
 */
export async function openClock(table: KvTable, newest: number): Promise<LogClock> {
  const kept = async () => {
    const { value, revision } = await table.get(KEY);
    return { time: value === undefined ? 0 : Number(Buffer.from(value).toString()), revision };
  };
  let present = Math.max(newest, (await kept()).time);
  const keep = async (): Promise<void> => {
    const { time, revision } = await kept();
    if (time >= present) return;
    try {
      await table.put(KEY, Buffer.from(`${present}`), revision);
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      await keep(); // another process has kept its own
    }
  };
  return {
    at(now) {
      present = Math.max(present, now);
      return present;
    },
    keep,
  };
}
