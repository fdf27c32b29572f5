import { DeserializationError } from '../../errors.ts';
import { matches } from '../../event/event-filter.ts';
import type { ReadRequest } from '../../store/event-log.ts';
import type { StoredRecord } from '../../store/record.ts';
import { type StreamMessage, toRecord } from './message-record.ts';

/** A page that is being filled. */
export class PageBuilder {
  /** What it holds. */
  readonly records: StoredRecord[] = [];
  /** The last number examined. */
  through: number;
  /** The last number that it may examine. */
  readonly end: number;
  /** Whether nothing more belongs to it. */
  isFull = false;
  readonly #start: number;
  readonly #request: ReadRequest;
  #bytes = 0;

  constructor(request: ReadRequest, after: number) {
    this.#request = request;
    this.#start = after;
    this.through = after;
    this.end = after + request.maxExamined;
  }

  /** How many records it may still take. */
  get room(): number {
    return Math.min(this.#request.maxGiven - this.records.length, this.end - this.through);
  }

  /**
   * Takes the next message, if it belongs to the page.
   *
   * @returns Whether it does.
   * @throws DeserializationError if it is the first, and cannot be told what it is.
   */
  take(message: StreamMessage): boolean {
    if (this.isFull) return false;
    if (message.seqNum > this.end) {
      this.through = this.end;
      this.isFull = true;
      return false;
    }
    const record = this.#recordOf(message);
    if (record === undefined) return false;
    this.through = record.seqNum;
    const { filter, maxGiven, maxBytes } = this.#request;
    if (matches(filter, record.operation, record.objectType)) {
      this.records.push(record);
      this.#bytes += message.data.length;
    }
    this.isFull = this.records.length >= maxGiven || this.#bytes >= maxBytes || this.through >= this.end;
    return true;
  }

  /** There is nothing more that the filter lets through, up to this number. */
  skipTo(seqNum: number): void {
    if (!this.isFull) this.through = Math.max(this.through, Math.min(seqNum, this.end));
  }

  #recordOf(message: StreamMessage): StoredRecord | undefined {
    try {
      return toRecord(message);
    } catch (error) {
      if (this.through === this.#start || !(error instanceof DeserializationError)) throw error;
      this.isFull = true;
      return undefined;
    }
  }
}
