import { VirtualAction, VirtualTimeScheduler } from 'rxjs';
import { nextTurn } from './next-turn.ts';

/**
 * Scheduler with virtual time for the store of a test. The test advances the time step by step, and waits for Promises after
 * each step.
 */
export class Clock extends VirtualTimeScheduler {
  constructor() {
    super(VirtualAction, 0);
  }

  /** Number of timers that are set. */
  get timers(): number {
    return this.actions.length;
  }

  /** Advances the time, calls the timers that are due, and waits for the reads that they start. */
  async advance(milliseconds: number): Promise<void> {
    this.maxFrames = this.frame + milliseconds;
    this.flush();
    this.frame = this.maxFrames;
    await nextTurn();
  }
}
