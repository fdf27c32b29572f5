import { Observable, type Subscriber } from 'rxjs';

const complete = (subscriber: Subscriber<void>): void => {
  subscriber.next();
  subscriber.complete();
};

/**
 * Signal that stays set. Thousands of observers of `set$` may unsubscribe at the same moment. Each one therefore unsubscribes
 * in constant time, unlike an observer of a `Subject`.
 *
 * The latch is a class, because `isSet` is read for each event, and V8 optimizes getters of a prototype, but not getters of
 * single objects.
 */
export class Latch {
  /** Subscribers that wait. Created for the first subscriber, because many latches never have one. */
  #waiting: Set<Subscriber<void>> | undefined;
  #isSet = false;

  /** Emits once and completes when the latch is set; synchronously if it is already set. */
  get set$(): Observable<void> {
    return new Observable((subscriber) => {
      if (this.#isSet) {
        complete(subscriber);
        return;
      }
      this.#waiting ??= new Set();
      const waiting = this.#waiting.add(subscriber);
      return () => waiting.delete(subscriber);
    });
  }

  get isSet(): boolean {
    return this.#isSet;
  }

  /** Sets the latch. Idempotent. */
  set(): void {
    this.#isSet = true;
    for (const subscriber of [...(this.#waiting ?? [])]) complete(subscriber);
  }
}
