import type { Operation } from '../../event/event.ts';
import type { OptionalContext } from '../../event/event-context.ts';

/**
 * Record before the engine assigns a sequence number and a timestamp. Key, id and metadata are part of the header of the
 * record. A field that the request does not have is missing, or is `undefined` if the engine implements fields as getters. The
 * metadata is frozen, including the metadata that an engine returns, because readers share it.
 */
export interface NewRecord extends Readonly<OptionalContext> {
  /** Kind of change: `CREATE`, `UPDATE` or `DELETE`. */
  readonly operation: Operation;
  /** Name of the kind of object, for example `Job`. */
  readonly objectType: string;
  /**
   * Serialized object. The store never changes the array after it has passed the record to the engine, so the engine can keep
   * the array without a copy. In a stored record, the payload can be a getter, which throws if the payload is damaged.
   */
  readonly payload: Uint8Array;
}

/** Event as an engine stores it: the event header, and the object as bytes. */
export interface StoredRecord extends NewRecord {
  /** Sequence number that the engine has assigned, from 1. */
  readonly seqNum: number;
  /** Time of the append, in milliseconds since 1970. */
  readonly timestamp: number;
}
