import { Observable } from 'rxjs';
import { Fifo } from './fifo.ts';

/** Task that waits for a slot. */
export interface Startable {
  /** Called when the task has a slot. */
  start(): void;
}

/** Limit of the number of concurrent tasks. Further tasks wait for a slot, in order. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting = new Fifo<Startable>();
  #running = 0;
  #isAdmitting = false;

  /** @param limit - Number of slots: the maximum number of concurrent tasks, from 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts the task when a slot is free: now or later. The slot is occupied until the call of `leave`. */
  enter(task: Startable): void {
    this.#waiting.push(task);
    this.#admit();
  }

  /** Frees a slot, and starts the next waiting task. */
  leave(): void {
    this.#running--;
    this.#admit();
  }

  /**
   * Returns an Observable that subscribes to the source when a slot is free. The slot is occupied until the source ends.
   *
   * @param leave - Frees the slot. A caller passes this function if waiting tasks must start in a certain asynchronous
   *   context, because the source can end in any context.
   */
  limit<T>(source: Observable<T>, leave: () => void = () => this.leave()): Observable<T> {
    return new Observable((subscriber) => {
      const start = () => {
        // If the subscriber is already closed, `add` calls `leave` immediately.
        subscriber.add(leave);
        if (!subscriber.closed) source.subscribe(subscriber);
      };
      this.enter({ start });
    });
  }

  /**
   * Starts waiting tasks while slots are free. Many tasks may end synchronously, so this is a loop: recursion could overflow
   * the stack.
   */
  #admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    while (this.#running < this.#limit && !this.#waiting.isEmpty) {
      this.#running++;
      this.#waiting.shift()?.start();
    }
    this.#isAdmitting = false;
  }
}
