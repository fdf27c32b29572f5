import { Subscription } from 'rxjs';

/** Returns the sequence number of the last event that a reader has passed. */
export type PinnedPosition = () => number;

/** Positions of the active readers of this process, after which garbage collection by age deletes nothing. */
export interface RetentionPins {
  /** Pins the current position of a reader until the returned subscription is unsubscribed. */
  retainFrom(position: PinnedPosition): Subscription;
  /** Returns the lowest pinned position; `Infinity` if there is no pin. */
  lowWatermark(): number;
}

export function createRetentionPins(): RetentionPins {
  const pins = new Set<PinnedPosition>();
  return {
    retainFrom(position) {
      // Add a new function to the set, because two readers can pass the same function.
      const pin = () => position();
      pins.add(pin);
      return new Subscription(() => pins.delete(pin));
    },
    lowWatermark() {
      let lowest = Number.POSITIVE_INFINITY;
      for (const pin of pins) lowest = Math.min(lowest, pin());
      return lowest;
    },
  };
}
