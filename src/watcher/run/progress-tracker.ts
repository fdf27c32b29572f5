/**
 * How far everything is done: events may be done out of order, but a checkpoint moves only over an unbroken run.
 *
 * The oldest event under way is kept apart from the others: where events are handled one at a time there is no other.
 * A class because each event asks: V8 looks a getter up in each object anew, unless it is a prototype's.
 */
export class ProgressTracker {
  readonly #others = new Map<number, Date | undefined>();
  /** Goes along with the oldest. From the beginning, each look would pass over all that a Map has deleted there. */
  #order = this.#others.entries();
  #oldest: number | undefined;
  #oldestTime: Date | undefined;
  #reached: number;

  /** Begins behind an event. */
  constructor(start: number) {
    this.#reached = start;
  }

  /** Everything up to here is done. */
  get ackFloor(): number {
    return this.#oldest === undefined ? this.#reached : this.#oldest - 1;
  }

  /** How many events are under way. */
  get size(): number {
    return this.#oldest === undefined ? 0 : this.#others.size + 1;
  }

  /** When the oldest event under way was stored; `undefined` if none is, or nobody can tell. */
  get oldestTime(): Date | undefined {
    return this.#oldestTime;
  }

  /** Whether an event is done: it was settled, or need not be. */
  isDone(seqNum: number): boolean {
    return seqNum <= this.#reached && seqNum !== this.#oldest && !this.#others.has(seqNum);
  }

  /** An event is under way; they come in order. */
  take(seqNum: number, timestamp?: Date): void {
    this.#reached = seqNum;
    if (this.#oldest === undefined) {
      this.#oldest = seqNum;
      this.#oldestTime = timestamp;
      return;
    }
    if (this.#others.size === 0) this.#order = this.#others.entries();
    this.#others.set(seqNum, timestamp);
  }

  /** That event is done. */
  settle(seqNum: number): void {
    if (seqNum === this.#oldest) this.#promote();
    else this.#others.delete(seqNum);
  }

  /** Whatever was not taken up to here need not be: a filter left it out. */
  skipFiltered(seqNum: number): void {
    this.#reached = Math.max(this.#reached, seqNum);
  }

  #promote(): void {
    const [next, time] = this.#others.size === 0 ? [] : (this.#order.next().value ?? []);
    this.#oldest = next;
    this.#oldestTime = time;
    if (next !== undefined) this.#others.delete(next);
  }
}
