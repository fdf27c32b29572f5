import { Observable } from 'rxjs';

/** Limit of the number of concurrent tasks. Further tasks wait for a slot, in order. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  /** Iterator at the first waiting entry. A new iterator would step over all entries that the Set has deleted. */
  #order = this.#waiting.values();
  #running = 0;
  #isAdmitting = false;

  /** @param limit - Number of slots: the maximum number of concurrent tasks, from 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls `start` when a slot is free: now or later. The slot is occupied until the call of `leave`. */
  enter(start: () => void): void {
    this.#waiting.add(start);
    this.#admit();
  }

  /** Frees a slot. */
  leave(): void {
    this.#running--;
    this.#admit();
  }

  /** Removes a waiting call of `enter`. Returns whether the call was waiting. */
  cancel(start: () => void): boolean {
    return this.#waiting.delete(start);
  }

  /** Returns an Observable that subscribes to the source when a slot is free. The slot is occupied until the source ends. */
  limit<T>(source: Observable<T>): Observable<T> {
    return new Observable((subscriber) => {
      const start = () => {
        subscriber.add(() => this.leave());
        source.subscribe(subscriber);
      };
      subscriber.add(() => this.cancel(start));
      this.enter(start);
    });
  }

  /** Starts waiting tasks in a loop. Recursion could overflow the stack, because many tasks may end synchronously. */
  #admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    while (this.#running < this.#limit && this.#waiting.size > 0) {
      const { value: start } = this.#order.next();
      if (start === undefined) {
        this.#order = this.#waiting.values();
        continue;
      }
      this.#waiting.delete(start);
      this.#running++;
      start();
    }
    this.#isAdmitting = false;
  }
}

/**
 * Creates a function that limits the number of concurrent subscriptions. Further subscriptions wait in order.
 *
 * @param limit - Maximum number of concurrent subscriptions, from 1.
 */
export function createSemaphore(limit: number): <T>(source: Observable<T>) => Observable<T> {
  const semaphore = new Semaphore(limit);
  return (source) => semaphore.limit(source);
}
