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

/** Begins behind an event. */
export function createPrefix(start: number): Prefix {
  const underWay = new Map<number, Date | undefined>();
  /** Goes along with the oldest. From the beginning, each look would pass over all that a Map has deleted there. */
  let order = underWay.keys();
  let oldest: number | undefined;
  let reached = start;
  return {
    get through() {
      return oldest === undefined ? reached : oldest - 1;
    },
    get size() {
      return underWay.size;
    },
    get oldestTime() {
      return oldest === undefined ? undefined : underWay.get(oldest);
    },
    isDone: (seqNum) => seqNum <= reached && !underWay.has(seqNum),
    take(seqNum, timestamp) {
      underWay.set(seqNum, timestamp);
      reached = seqNum;
      if (oldest !== undefined) return;
      order = underWay.keys();
      oldest = order.next().value;
    },
    settle(seqNum) {
      underWay.delete(seqNum);
      if (seqNum === oldest) oldest = order.next().value;
    },
    pass(seqNum) {
      reached = Math.max(reached, seqNum);
    },
  };
}
