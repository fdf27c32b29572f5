import type { Observable } from 'rxjs';
import type { StoredRecord } from './record.ts';

/** A dead letter to be kept: an event that a watcher gave up. */
export interface NewDeadLetter {
  /** Whose letter it is. */
  readonly watcherId: string;
  /** The event. */
  readonly seqNum: number;
  /** What is known of the failure; the engine keeps it as it is. */
  readonly details: string;
  /** The watcher's checkpoint from now on; as it was, if there is none. */
  readonly checkpoint?: number;
  /** A fencing token: what is written under an old one is refused, as `LeaseLog` says. */
  readonly fence?: number;
}

/** A dead letter as it lies in the engine. */
export interface DeadLetterRecord {
  /** The event. */
  readonly seqNum: number;
  /** What was kept. */
  readonly details: string;
  /** A copy of the event's record; missing if the record was damaged when the letter was kept. */
  readonly record?: StoredRecord;
}

/** Where an engine keeps dead letters: apart from the log, so that nothing which trims it touches them. */
export interface DeadLetterTable {
  /**
   * Keeps a letter, with a copy of the event's record, and moves the checkpoint, in one transaction. A letter of that
   * event that is there already is replaced, but for the copy, if the log no longer holds the record.
   */
  store(letter: NewDeadLetter): Promise<void>;
  /** The letters of a watcher, in order of their numbers. */
  read(watcherId: string): Observable<readonly DeadLetterRecord[]>;
  /** Removes a letter, if it is there. */
  delete(watcherId: string, seqNum: number): Promise<void>;
}
