import { Observable, type Subscriber } from 'rxjs';

const complete = (subscriber: Subscriber<void>): void => {
  subscriber.next();
  subscriber.complete();
};

/**
 * Something that happens once, and is known from then on. Unlike a Subject's, its observers leave in constant time:
 * thousands may, at once.
 *
 * A class because each event asks: V8 looks a getter up in each object anew, unless it is a prototype's.
 */
export class Latch {
  readonly #waiting = new Set<Subscriber<void>>();
  #isGiven = false;

  /** Emits and completes when it happens; at once, if it has. */
  readonly set$ = new Observable<void>((subscriber) => {
    if (this.#isGiven) {
      complete(subscriber);
      return;
    }
    this.#waiting.add(subscriber);
    return () => this.#waiting.delete(subscriber);
  });

  /** Whether it has happened. */
  get isSet(): boolean {
    return this.#isGiven;
  }

  /** Has it happen. */
  set(): void {
    this.#isGiven = true;
    for (const subscriber of [...this.#waiting]) complete(subscriber);
  }
}
