import type { EventIterator } from '../event/event-iterator.ts';

/**
 * `standby` was started, and waits for its lease while another process has it; `paused` holds its place and hands nothing
 * over; `stopping` lasts until the attempts in flight have settled; a `failed` watcher can be started again, or sought.
 */
export type WatcherState = 'idle' | 'standby' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';

/** How a watcher is doing. */
export interface WatcherStats {
  /** The watcher. */
  readonly id: string;
  /** What it does at present. */
  readonly state: WatcherState;
  /** Where it reads next. */
  readonly nextEventIterator: EventIterator;
  /** Where it would begin after a restart. */
  readonly checkpointIterator: EventIterator;
  /** The event that was handled or skipped last; 0 if none was since the watcher was created. */
  readonly lastProcessedSeqNum: number;
  /** When that event was stored. */
  readonly lastProcessedEventTime?: Date;
  /** When it last asked for events. */
  readonly lastListenTime?: Date;
  /** Events handled since it was created. */
  readonly handled: number;
  /** Events given up since it was created. */
  readonly skipped: number;
  /** Failed attempts that were made again, since it was created. */
  readonly retries: number;
  /** Latest minus checkpoint, in events; without one: minus the place it began after; ephemeral: minus the last it passed. */
  readonly lag: number;
  /** How old the oldest event is that it has begun with and not passed yet, in milliseconds; 0 if there is none. */
  readonly lagTime: number;
  /** The last failure: of the handler, of reading, or of storing the checkpoint. */
  readonly lastError?: Error;
}
