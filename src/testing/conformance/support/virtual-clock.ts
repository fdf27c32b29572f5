import {
  filter,
  firstValueFrom,
  type SchedulerAction,
  Subject,
  type Subscription,
  startWith,
  VirtualTimeScheduler,
} from 'rxjs';

/** Scheduler with a clock that the test moves, forwards or backwards. */
export class VirtualClock extends VirtualTimeScheduler {
  readonly #scheduled$ = new Subject<void>();

  override schedule<S>(
    work: (this: SchedulerAction<S>, state?: S) => void,
    delay?: number,
    state?: S,
  ): Subscription {
    const scheduled = super.schedule(work, delay, state);
    this.#scheduled$.next();
    return scheduled;
  }

  /** Resolves when at least `timers` timers are scheduled. */
  async waiting(timers: number): Promise<void> {
    await firstValueFrom(
      this.#scheduled$.pipe(
        startWith(undefined),
        filter(() => this.timers >= timers),
      ),
    );
  }

  /** Moves the clock forwards and runs the timers that are due. */
  advanceBy(milliseconds: number): void {
    this.maxFrames = this.frame + milliseconds;
    this.flush();
    this.frame = this.maxFrames;
  }

  /** Sets the clock, forwards or backwards, and runs no timers. */
  set(milliseconds: number): void {
    this.frame = milliseconds;
  }

  get timers(): number {
    return this.actions.length;
  }
}
