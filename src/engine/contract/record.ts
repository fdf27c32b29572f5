import type { Operation } from '../../event/event.ts';

/** An event that has no place in the log yet, its object already in bytes. */
export interface NewRecord {
  /** What happened to the object. */
  readonly operation: Operation;
  /** What kind of object it is. */
  readonly objectType: string;
  /** The serialized object. The engine may keep the array; nobody changes it. Of a stored record, the read may throw. */
  readonly payload: Uint8Array;
}

/** An event as the engine holds it: the header, and an object still in bytes. */
export interface StoredRecord extends NewRecord {
  /** Its number. */
  readonly seqNum: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly timestamp: number;
}
