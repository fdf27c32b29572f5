import { VirtualTimeScheduler } from 'rxjs';

/** A clock that is set by hand, forth and back, and timers that go off when it passes them. */
export class VirtualTime extends VirtualTimeScheduler {
  /** Lets this many milliseconds pass. */
  advance(milliseconds: number): void {
    this.maxFrames = this.frame + milliseconds;
    this.flush();
    this.frame = this.maxFrames;
  }

  /** Sets the clock; no timer goes off. */
  set(milliseconds: number): void {
    this.frame = milliseconds;
  }

  /** How many timers there are. */
  get timers(): number {
    return this.actions.length;
  }
}
