import { VirtualTimeScheduler } from 'rxjs';

/** Scheduler for tests that also await Promises. Its time advances only in `advanceBy`. */
export class VirtualClock extends VirtualTimeScheduler {
  constructor() {
    super(undefined, 0);
  }

  /** Number of scheduled timers. */
  get timers(): number {
    return this.actions.length;
  }

  /** Advances the time by a number of milliseconds and runs all work that is due. */
  advanceBy(milliseconds: number): void {
    const end = this.frame + milliseconds;
    this.maxFrames = end;
    this.flush();
    this.frame = end;
  }
}
