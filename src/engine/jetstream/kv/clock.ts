import { type KvTable, RevisionConflict } from './kv-table.ts';

/** Key of the latest timestamp, which is stored before a trim deletes the last event of the log. */
const KEY = 'clock';

/** Timestamp of an append in flight. */
export interface ReservedTimestamp {
  /** Timestamp of the records, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Ends the reservation. Must be called when the append has settled. */
  release(result: { readonly isStored: boolean }): void;
}

/** Clock of a log. Its timestamps never go back. */
export interface LogClock {
  /**
   * Returns the timestamp of an append: the latest of `now`, the latest stored timestamp, and the timestamps of appends in
   * flight. No later append gets an earlier timestamp, unless this append settles without a stored record.
   */
  reserve(now: number): ReservedTimestamp;
  /** Advances the clock to the timestamp of a stored record. */
  advanceTo(timestamp: number): void;
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
      await persist(); // another process has stored a timestamp in the meantime
    }
  };
  const inFlight = new Set<ReservedTimestamp>();
  /** Latest timestamp, including the timestamps of appends in flight. */
  let highest = latest;

  const advanceTo = (timestamp: number): void => {
    latest = Math.max(latest, timestamp);
    highest = Math.max(highest, latest);
  };
  return {
    reserve(now) {
      highest = Math.max(highest, now);
      const reserved: ReservedTimestamp = {
        timestamp: highest,
        release({ isStored }) {
          inFlight.delete(reserved);
          if (isStored) advanceTo(reserved.timestamp);
          else {
            highest = latest;
            for (const { timestamp } of inFlight) highest = Math.max(highest, timestamp);
          }
        },
      };
      inFlight.add(reserved);
      return reserved;
    },
    advanceTo,
    persist,
  };
}
