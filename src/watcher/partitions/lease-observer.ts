import type { SchedulerLike } from 'rxjs';
import type { Lease } from '../../engine/contract/lease-table.ts';
import { stopwatch } from '../../scheduling/clock.ts';

/** Revision of a lease, and the time since this process first read the lease with this revision. */
interface Sighting {
  readonly revision: number;
  readonly age: () => number;
}

/**
 * Observer of the leases of other processes. The observer measures with the clock of this process how long a lease has not
 * changed, as a watcher in standby does. Wrong clocks of other processes therefore have no effect.
 */
export class LeaseObserver {
  readonly #duration: number;
  readonly #scheduler: SchedulerLike;
  readonly #sightings = new Map<string, Sighting>();

  /** @param duration - Time without a change after which a lease has expired, in milliseconds. */
  constructor(duration: number, scheduler: SchedulerLike) {
    this.#duration = duration;
    this.#scheduler = scheduler;
  }

  /** Records a lease that was just read. Returns whether a process holds it. */
  isHeld(id: string, { owner, revision }: Lease): boolean {
    if (this.#sightings.get(id)?.revision !== revision) {
      this.#sightings.set(id, { revision, age: stopwatch(this.#scheduler) });
    }
    return owner !== undefined && this.unchangedFor(id, revision) < this.#duration;
  }

  /** Returns the time for which a lease is known to have this revision, in milliseconds. */
  unchangedFor(id: string, revision: number): number {
    const sighting = this.#sightings.get(id);
    return sighting?.revision === revision ? sighting.age() : 0;
  }
}
