import { Observable, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';
import { unrefInterval } from '../../scheduling/unref-timers.ts';

/**
 * Number of groups of readers. Each tick of the timer notifies one group, so that not all readers write at the same time.
 */
const GROUPS = 15;

/** Timer that all idle readers of a feed share. The timer runs only while at least one reader is idle. */
export class Heartbeat {
  readonly #groups = Array.from({ length: GROUPS }, () => new Set<Subscriber<void>>());
  readonly #interval: number;
  readonly #scheduler: SchedulerLike;
  #timer: Subscription | undefined;
  #turn = 0;
  #joined = 0;
  #idle = 0;

  /** @param interval - Time between two beats for one reader, in milliseconds. */
  constructor(interval: number, scheduler: SchedulerLike) {
    this.#interval = interval;
    this.#scheduler = scheduler;
  }

  /** Returns an Observable for one reader. Each subscription emits at the beats of the reader. */
  join(): Observable<void> {
    const group = this.#groups[this.#joined++ % GROUPS] as Set<Subscriber<void>>;
    return new Observable((subscriber) => {
      group.add(subscriber);
      this.#idle++;
      this.#timer ??= unrefInterval(this.#interval / GROUPS, this.#scheduler).subscribe(() => this.#tick());
      return () => {
        group.delete(subscriber);
        this.#idle--;
      };
    });
  }

  #tick(): void {
    if (this.#idle === 0) {
      // The timer ends only at a tick without idle readers. If it ended with the last idle reader, a single reader would
      // create a timer again for each event.
      this.#timer?.unsubscribe();
      this.#timer = undefined;
      return;
    }
    this.#turn = (this.#turn + 1) % GROUPS;
    for (const subscriber of [...(this.#groups[this.#turn] as Set<Subscriber<void>>)]) subscriber.next();
  }
}
