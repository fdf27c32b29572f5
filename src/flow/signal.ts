import { Observable, type Subscriber } from 'rxjs';

/** Something that happens once, and is known from then on. */
export interface Signal {
  /** Whether it has happened. */
  readonly isGiven: boolean;
  /** Emits and completes when it happens; at once, if it has. */
  readonly given$: Observable<void>;
  /** Has it happen. */
  give(): void;
}

/** Makes a signal. Unlike a Subject's, its observers leave in constant time: thousands may, at once. */
export function createSignal(): Signal {
  const waiting = new Set<Subscriber<void>>();
  let isGiven = false;
  const tell = (subscriber: Subscriber<void>) => {
    subscriber.next();
    subscriber.complete();
  };
  return {
    get isGiven() {
      return isGiven;
    },
    given$: new Observable((subscriber) => {
      if (isGiven) {
        tell(subscriber);
        return;
      }
      waiting.add(subscriber);
      return () => waiting.delete(subscriber);
    }),
    give() {
      isGiven = true;
      for (const subscriber of [...waiting]) tell(subscriber);
    },
  };
}
