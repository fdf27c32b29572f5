import type { StoredRecord } from '../../engine/contract/record.ts';

/**
 * Record of an engine that can store several payloads in one buffer. Such payloads are decoded together, which is faster.
 */
export interface PackedRecord extends StoredRecord {
  /** Texts of all payloads in the buffer of this record; `undefined` unless all of them are ASCII. */
  readonly texts?: PayloadTexts | undefined;
  /** Index of the payload of this record among the texts, from 0. */
  readonly index?: number;
}

/** Payloads of one buffer, as text. */
export interface PayloadTexts {
  /** Returns the payloads from index `first` to index `last`, with commas between them. */
  text(first: number, last: number): string;
}
