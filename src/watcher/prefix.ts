/** How far everything is done: events may be done out of order, but a checkpoint moves only over an unbroken run. */
export interface Prefix {
  /** Everything up to here is done. */
  readonly through: number;
  /** How many events are under way. */
  readonly size: number;
  /** When the oldest event under way was stored; `undefined` if none is, or nobody can tell. */
  readonly oldestTime: Date | undefined;
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
  let reached = start;
  return {
    get through() {
      for (const oldest of underWay.keys()) return oldest - 1;
      return reached;
    },
    get size() {
      return underWay.size;
    },
    get oldestTime() {
      for (const timestamp of underWay.values()) return timestamp;
      return undefined;
    },
    take(seqNum, timestamp) {
      underWay.set(seqNum, timestamp);
      reached = seqNum;
    },
    settle: (seqNum) => void underWay.delete(seqNum),
    pass(seqNum) {
      reached = Math.max(reached, seqNum);
    },
  };
}
