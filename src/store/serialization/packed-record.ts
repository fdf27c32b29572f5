import type { StoredRecord } from '../../engine/contract/record.ts';

/**
 * Record of an engine that can store several payloads in one buffer. Payloads in one buffer are decoded together, which is
 * faster than decoding each payload separately.
 */
export interface PackedRecord extends StoredRecord {
  /** Texts of all payloads in the buffer of this record; `undefined` unless all of them are ASCII. */
  readonly texts?: PayloadTexts | undefined;
  /** Index of the payload of this record among the texts, from 0. */
  readonly index?: number;
}

/** Text of the payloads of several records that an engine stores in one buffer. */
export interface PayloadTexts {
  /** Returns the text of the payloads from index `first` to index `last`, inclusive, with commas between the payloads. */
  text(first: number, last: number): string;
}
