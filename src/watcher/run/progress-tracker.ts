/**
 * Events in flight, and the ack floor. Events can settle out of order, but the ack floor moves only over events that are
 * all processed.
 *
 * The oldest event in flight is not stored in the map of the other events, so this map stays empty if events are handled
 * one at a time. It is a class because getters are read for each event: V8 caches the lookup of a getter only on a
 * prototype.
 */
export class ProgressTracker {
  readonly #others = new Map<number, Date | undefined>();
  /** Iterator that advances with `#oldest`. A new iterator would visit all deleted entries of the map first. */
  #order = this.#others.entries();
  #oldest: number | undefined;
  #oldestTime: Date | undefined;
  #lastSeqNum: number;

  /** @param position - Number of the event after which the run starts. */
  constructor(position: number) {
    this.#lastSeqNum = position;
  }

  /** Highest number up to which every event is processed. */
  get ackFloor(): number {
    return this.#oldest === undefined ? this.#lastSeqNum : this.#oldest - 1;
  }

  /** Number of events in flight. */
  get size(): number {
    return this.#oldest === undefined ? 0 : this.#others.size + 1;
  }

  /** Timestamp of the oldest event in flight; `undefined` without one, or if the event cannot be decoded. */
  get oldestTime(): Date | undefined {
    return this.#oldestTime;
  }

  /** Whether an event is processed: settled, or excluded by the filter. */
  isProcessed(seqNum: number): boolean {
    return seqNum <= this.#lastSeqNum && seqNum !== this.#oldest && !this.#others.has(seqNum);
  }

  /** Adds an event in flight. The numbers must increase. */
  take(seqNum: number, timestamp?: Date): void {
    this.#lastSeqNum = seqNum;
    if (this.#oldest === undefined) {
      this.#oldest = seqNum;
      this.#oldestTime = timestamp;
      return;
    }
    if (this.#others.size === 0) this.#order = this.#others.entries();
    this.#others.set(seqNum, timestamp);
  }

  /** Removes an event in flight: it is processed. */
  settle(seqNum: number): void {
    if (seqNum === this.#oldest) this.#promote();
    else this.#others.delete(seqNum);
  }

  /** Records that the filter excluded the events up to `seqNum` that were not taken. */
  skipFiltered(seqNum: number): void {
    this.#lastSeqNum = Math.max(this.#lastSeqNum, seqNum);
  }

  #promote(): void {
    const [next, time] = this.#others.size === 0 ? [] : (this.#order.next().value ?? []);
    this.#oldest = next;
    this.#oldestTime = time;
    if (next !== undefined) this.#others.delete(next);
  }
}
