import {
  filter,
  firstValueFrom,
  type SchedulerAction,
  Subject,
  type Subscription,
  startWith,
  VirtualTimeScheduler,
} from 'rxjs';

/** A clock that is set by hand, forth and back, and timers that go off when it passes them. */
export class VirtualTime extends VirtualTimeScheduler {
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

  /** Resolves when there are so many timers: somebody waits. */
  async waiting(timers: number): Promise<void> {
    await firstValueFrom(
      this.#scheduled$.pipe(
        startWith(undefined),
        filter(() => this.timers >= timers),
      ),
    );
  }

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
