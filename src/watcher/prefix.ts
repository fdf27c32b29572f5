/** How far everything is done: events may be done out of order, but a checkpoint moves only over an unbroken run. */
export interface Prefix {
  /** Everything up to here is done. */
  readonly through: number;
  /** How many events are under way. */
  readonly size: number;
  /** When the oldest event under way was stored; `undefined` if none is, or nobody can tell. */
  readonly oldestTime: Date | undefined;
  /** Whether an event is done: it was settled, or need not be. */
  isDone(seqNum: number): boolean;
  /** An event is under way; they come in order. */
  take(seqNum: number, timestamp?: Date): void;
  /** That event is done. */
  settle(seqNum: number): void;
  /** Whatever was not taken up to here need not be: a filter left it out. */
  pass(seqNum: number): void;
}

/**
 * Begins behind an event.
 *
 * The oldest event under way is kept apart from the others: where events are handled one at a time there is no other.
 */
export function createPrefix(start: number): Prefix {
  const others = new Map<number, Date | undefined>();
  /** Goes along with the oldest. From the beginning, each look would pass over all that a Map has deleted there. */
  let order = others.entries();
  let oldest: number | undefined;
  let oldestTime: Date | undefined;
  let reached = start;

  const promote = () => {
    const [next, time] = others.size === 0 ? [] : (order.next().value ?? []);
    oldest = next;
    oldestTime = time;
    if (next !== undefined) others.delete(next);
  };
  return {
    get through() {
      return oldest === undefined ? reached : oldest - 1;
    },
    get size() {
      return oldest === undefined ? 0 : others.size + 1;
    },
    get oldestTime() {
      return oldestTime;
    },
    isDone: (seqNum) => seqNum <= reached && seqNum !== oldest && !others.has(seqNum),
    take(seqNum, timestamp) {
      reached = seqNum;
      if (oldest === undefined) {
        oldest = seqNum;
        oldestTime = timestamp;
        return;
      }
      if (others.size === 0) order = others.entries();
      others.set(seqNum, timestamp);
    },
    settle(seqNum) {
      if (seqNum === oldest) promote();
      else others.delete(seqNum);
    },
    pass(seqNum) {
      reached = Math.max(reached, seqNum);
    },
  };
}
