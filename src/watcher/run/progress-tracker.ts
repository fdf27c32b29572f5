/**
 * Minimum number of settled events that are removed from the start of the list together. They must also be at least half of
 * the list, because each removal copies the rest of the list.
 */
const MIN_REMOVED = 64;

/** Event that `take` has added: in flight, or settled. */
interface Entry {
  readonly seqNum: number;
  isSettled: boolean;
}

/**
 * Events in flight, and the ack floor. Events can settle out of order, but the ack floor moves only over events that are
 * all processed.
 *
 * The events are a list in the order of their numbers. If the numbers have no gaps, the index of an event in the list
 * follows from its number, without a search.
 *
 * The tracker is a class because its getters are read for each event, and V8 caches the lookup of a getter only on a
 * prototype.
 */
export class ProgressTracker {
  #entries: Entry[] = [];
  /** Index of the oldest event in flight. The events before it are settled. */
  #first = 0;
  #size = 0;
  #lastSeqNum: number;

  /** @param position - Number of the event after which the run starts. */
  constructor(position: number) {
    this.#lastSeqNum = position;
  }

  /** Highest number up to which every event is processed. */
  get ackFloor(): number {
    const oldest = this.#entries[this.#first];
    return oldest === undefined ? this.#lastSeqNum : oldest.seqNum - 1;
  }

  /** Number of the last event that was added or excluded. */
  get lastSeqNum(): number {
    return this.#lastSeqNum;
  }

  /** Number of events in flight. */
  get size(): number {
    return this.#size;
  }

  /** Whether an event is processed: settled, or excluded by the filter. */
  isProcessed(seqNum: number): boolean {
    return seqNum <= this.#lastSeqNum && (this.#find(seqNum)?.isSettled ?? true);
  }

  /** Adds an event in flight. The numbers must increase. */
  take(seqNum: number): void {
    this.#lastSeqNum = seqNum;
    this.#size++;
    this.#entries.push({ seqNum, isSettled: false });
  }

  /** Marks an event in flight as processed. */
  settle(seqNum: number): void {
    const entry = this.#find(seqNum);
    if (entry === undefined || entry.isSettled) return;
    entry.isSettled = true;
    this.#size--;
    while (this.#entries[this.#first]?.isSettled) this.#first++;
    if (this.#first < MIN_REMOVED || this.#first < this.#entries.length / 2) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  /** Records that the filter excluded all events up to `seqNum` except those that `take` has added. */
  skipFiltered(seqNum: number): void {
    this.#lastSeqNum = Math.max(this.#lastSeqNum, seqNum);
  }

  /** Returns the entry of an event; `undefined` if the event is before the oldest one in flight or was never added. */
  #find(seqNum: number): Entry | undefined {
    let low = this.#first;
    const oldest = this.#entries[low];
    if (oldest === undefined || seqNum < oldest.seqNum) return undefined;
    // Without gaps between the sequence numbers, this is the index of the event. With gaps, the event is at a lower index.
    let index = Math.min(low + seqNum - oldest.seqNum, this.#entries.length - 1);
    let high = index;
    while (low <= high) {
      const entry = this.#entries[index] as Entry;
      if (entry.seqNum === seqNum) return entry;
      if (entry.seqNum < seqNum) low = index + 1;
      else high = index - 1;
      index = (low + high) >> 1;
    }
    return undefined;
  }
}
