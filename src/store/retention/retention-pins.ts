import { Subscription } from 'rxjs';

/** Tells the last event that a reader has passed. */
export type ReachedSeqNum = () => number;

/** Where the running watchers of this process are, which garbage collection must not overtake. */
export interface RetentionPins {
  /** Holds what comes after the place, wherever it has got to, until it is unsubscribed. */
  retainFrom(place: ReachedSeqNum): Subscription;
  /** The last number that all of them have passed; `Infinity` if there is none. */
  lowWatermark(): number;
}

/** Makes the list of those places, empty. */
export function createRetentionPins(): RetentionPins {
  const places = new Set<ReachedSeqNum>();
  return {
    retainFrom(place) {
      const mine = () => place();
      places.add(mine);
      return new Subscription(() => places.delete(mine));
    },
    lowWatermark() {
      let lowest = Number.POSITIVE_INFINITY;
      for (const place of places) lowest = Math.min(lowest, place());
      return lowest;
    },
  };
}
