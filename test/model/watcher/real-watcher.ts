import { createManager, type EventHandler, type Watcher } from 'rx-watcher';
import { NEVER, Subject, type Subscription } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { mortalStore } from './mortal-store.ts';
import { BACKOFF, type WatcherModel } from './watcher-model.ts';

/** How old an event must be to go. */
export const AGE = 500;

/** A store, and one process after another that watches it; attempts end by hand. */
export class RealWatcher {
  readonly clock = new VirtualClock();
  readonly store = createMemoryStore({ scheduler: this.clock, gcAgeThreshold: AGE, gcCadence: 2 ** 31 - 1 });
  readonly attempts = new Map<number, Subject<never>>();
  /** What must not have happened. */
  readonly violations: string[] = [];
  watcher: Watcher;
  isCaughtUp = false;

  readonly #model: WatcherModel;
  readonly #concurrency: number;
  #kill = (): void => undefined;
  #looking: Subscription | undefined;

  constructor(model: WatcherModel, concurrency: number) {
    this.#model = model;
    this.#concurrency = concurrency;
    this.watcher = this.#open();
  }

  #blame(violation: string | undefined): void {
    if (violation !== undefined) this.violations.push(violation);
  }

  #open(): Watcher {
    const { store, kill } = mortalStore(this.store, (seqNum) => this.#blame(this.#model.store(seqNum)));
    let isAlive = true;
    const handler: EventHandler = ({ seqNum }) => {
      if (!isAlive) return NEVER;
      this.#blame(this.#model.handOver(seqNum, this.clock.now()));
      const attempt = new Subject<never>();
      this.attempts.set(seqNum, attempt);
      return attempt;
    };
    const watcher = createManager(store).create('w', {
      handler,
      initialBackoff: BACKOFF,
      maxBackoff: BACKOFF,
      concurrency: this.#concurrency,
      keyOf: ({ objectType }) => objectType,
    });
    this.#looking = watcher.caughtUp$.subscribe((isCaughtUp) => {
      this.isCaughtUp = isCaughtUp;
    });
    this.#kill = () => {
      isAlive = false;
      this.attempts.clear();
      this.#looking?.unsubscribe();
      kill();
    };
    return watcher;
  }

  /** Kills the process, and begins another one. */
  crash(): void {
    this.#kill();
    this.watcher = this.#open();
  }

  /** Takes an attempt in flight out, to end it. */
  take(seqNum: number): Subject<never> {
    const attempt = this.attempts.get(seqNum);
    if (attempt === undefined) throw new Error(`event ${seqNum} is not in flight`);
    this.attempts.delete(seqNum);
    return attempt;
  }
}
