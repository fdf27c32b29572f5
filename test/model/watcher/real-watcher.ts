import { createManager, type EventHandler, type Watcher } from 'rx-watcher';
import { NEVER, Subject, type Subscription } from 'rxjs';
import { createMemoryStore } from '../../../src/memory.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { killableStore } from './killable-store.ts';
import { BACKOFF, type WatcherModel } from './watcher-model.ts';

/** Minimum age of an event for garbage collection, in milliseconds. */
export const AGE = 500;

/** Store with a watcher, which each crash replaces by a new watcher. The test ends the attempts. */
export class RealWatcher {
  readonly clock = new VirtualClock();
  readonly store = createMemoryStore({ scheduler: this.clock, gcAgeThreshold: AGE, gcCadence: 2 ** 31 - 1 });
  readonly attempts = new Map<number, Subject<never>>();
  /** Descriptions of deliveries and checkpoints that the model does not allow. */
  readonly violations: string[] = [];
  watcher: Watcher;
  isCaughtUp = false;

  readonly #model: WatcherModel;
  readonly #concurrency: number;
  #kill = (): void => undefined;
  #caughtUp: Subscription | undefined;

  constructor(model: WatcherModel, concurrency: number) {
    this.#model = model;
    this.#concurrency = concurrency;
    this.watcher = this.#open();
  }

  #report(violation: string | undefined): void {
    if (violation !== undefined) this.violations.push(violation);
  }

  #open(): Watcher {
    const { store, kill } = killableStore(this.store, (seqNum) => this.#report(this.#model.store(seqNum)));
    let isAlive = true;
    const handler: EventHandler = ({ seqNum }) => {
      if (!isAlive) return NEVER;
      this.#report(this.#model.deliver(seqNum, this.clock.now()));
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
    this.#caughtUp = watcher.caughtUp$.subscribe((isCaughtUp) => {
      this.isCaughtUp = isCaughtUp;
    });
    this.#kill = () => {
      isAlive = false;
      this.attempts.clear();
      this.#caughtUp?.unsubscribe();
      kill();
    };
    return watcher;
  }

  /** Kills the process of the watcher, and creates a watcher in a new process. */
  crash(): void {
    this.#kill();
    this.watcher = this.#open();
  }

  /** Removes and returns the attempt in flight of event `seqNum`, which the caller must end. */
  take(seqNum: number): Subject<never> {
    const attempt = this.attempts.get(seqNum);
    if (attempt === undefined) throw new Error(`event ${seqNum} is not in flight`);
    this.attempts.delete(seqNum);
    return attempt;
  }
}
