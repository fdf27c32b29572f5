import type { AsyncResource } from 'node:async_hooks';
import { Observable, type Subscriber } from 'rxjs';
import { ownContext } from '../../scheduling/call-context.ts';

/**
 * Slots that limit the number of attempts that the partitions of a watcher make at the same time in this process. Partitions
 * that wait for a slot take turns.
 */
export class HandlerSlots {
  readonly #limit: number;
  /** Waiting subscribers with their asynchronous contexts, in the order of their waits. */
  readonly #waiting = new Map<Subscriber<never>, AsyncResource>();
  #used = 0;
  #isAdmitting = false;

  /** @param limit - Number of slots, from 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether an attempt may begin. */
  get isFree(): boolean {
    return this.#used < this.#limit;
  }

  /** Completes when a slot is free, and all partitions that have waited longer have had a turn. */
  readonly free$: Observable<never> = new Observable((subscriber) => {
    if (this.isFree && this.#waiting.size === 0) {
      subscriber.complete();
      return undefined;
    }
    this.#waiting.set(subscriber, ownContext());
    this.#admit();
    return () => this.#waiting.delete(subscriber);
  });

  /** Takes a slot. Called when an attempt begins. */
  enter(): void {
    this.#used++;
  }

  /** Frees a slot. Called when an attempt ends. */
  leave(): void {
    this.#used--;
    this.#admit();
  }

  /**
   * Completes the waiting subscribers one after another while slots are free. An attempt can end within such a completion.
   * The running loop then continues, and the nested call does nothing.
   */
  #admit(): void {
    if (this.#isAdmitting) return;
    this.#isAdmitting = true;
    for (const [subscriber, context] of this.#waiting) {
      if (!this.isFree) break;
      this.#waiting.delete(subscriber);
      // The subscriber takes the slot itself when an attempt begins. A paused partition begins none, and the next subscriber
      // has its turn.
      context.runInAsyncScope(subscriber.complete, subscriber);
    }
    this.#isAdmitting = false;
  }
}
