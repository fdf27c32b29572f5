import type { StoredRecord } from '../../engine/contract/record.ts';

/**
 * Record that may come from an engine which holds several payloads side by side. Such payloads are decoded together, which
 * is faster.
 */
export interface PackedRecord extends StoredRecord {
  /** Payloads among which this record's payload lies; `undefined` unless all of them are ASCII. */
  readonly texts?: PayloadTexts | undefined;
  /** Index of this record's payload among them, from 0. */
  readonly index?: number;
}

/** Payloads that lie side by side, as text. */
export interface PayloadTexts {
  /** Returns the payloads from index `first` to index `last`, with commas between them. */
  text(first: number, last: number): string;
}
