import { VirtualTimeScheduler } from 'rxjs';

/** A scheduler whose time passes only when it is told to: for tests that await promises as well. */
export class VirtualClock extends VirtualTimeScheduler {
  constructor() {
    super(undefined, 0);
  }

  /** How many timers are set. */
  get timers(): number {
    return this.actions.length;
  }

  /** Lets so many milliseconds pass, and everything happen that is due then. */
  advanceBy(milliseconds: number): void {
    const end = this.frame + milliseconds;
    this.maxFrames = end;
    this.flush();
    this.frame = end;
  }
}
