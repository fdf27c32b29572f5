import { Subscription } from 'rxjs';

/** Tells the last event that a reader has passed. */
export type PlaceReached = () => number;

/** Where the running watchers of this process are, which garbage collection must not overtake. */
export interface PlacesHeld {
  /** Holds what comes after the place, wherever it has got to, until it is unsubscribed. */
  hold(place: PlaceReached): Subscription;
  /** The last number that all of them have passed; `Infinity` if there is none. */
  released(): number;
}

/** Makes the list of those places, empty. */
export function createPlacesHeld(): PlacesHeld {
  const places = new Set<PlaceReached>();
  return {
    hold(place) {
      const mine = () => place();
      places.add(mine);
      return new Subscription(() => places.delete(mine));
    },
    released() {
      let lowest = Number.POSITIVE_INFINITY;
      for (const place of places) lowest = Math.min(lowest, place());
      return lowest;
    },
  };
}
