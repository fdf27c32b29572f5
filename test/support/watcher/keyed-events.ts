import { Subject } from 'rxjs';
import type { Event } from '../../../src/event/event.ts';
import type { EventHandler, HandlerContext } from '../../../src/handling/handler.ts';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Stores one event per character of `keys` in a memory store synchronously. */
export const fillKeys = (store: EventStore, keys: string): void =>
  void store.storeEvents(
    [...keys].map((key) => ({ operation: 'CREATE', objectType: 'Job', object: { key } })),
  );

/** Returns the key of an event that `fillKeys` has stored. */
export const keyOf = ({ object }: Event): string => (object as { key: string }).key;

/** Handler of concurrent events. The test ends its attempts. */
export class KeyedByHand {
  /** Number of the event of each attempt, in the order of the attempts. */
  readonly seqNums: number[] = [];
  /** Context of the last attempt at each event. */
  readonly contexts = new Map<number, HandlerContext>();

  readonly #attempts = new Map<number, Subject<never>>();

  readonly handler: EventHandler = ({ seqNum }, context) => {
    const attempt = new Subject<never>();
    this.seqNums.push(seqNum);
    this.contexts.set(seqNum, context);
    this.#attempts.set(seqNum, attempt);
    return attempt;
  };

  /** Numbers of the events in flight, in the order in which their attempts began. */
  get inFlight(): number[] {
    return [...this.#attempts.keys()];
  }

  /** Numbers of the events with an aborted signal. */
  get aborted(): number[] {
    return [...this.contexts].filter(([, { signal }]) => signal.aborted).map(([seqNum]) => seqNum);
  }

  /** Completes the attempts at these events, one after another. */
  finish(...seqNums: readonly number[]): void {
    for (const seqNum of seqNums) this.#take(seqNum).complete();
  }

  /** Fails the attempt at an event. */
  fail(seqNum: number, error: unknown = new Error('no')): void {
    this.#take(seqNum).error(error);
  }

  #take(seqNum: number): Subject<never> {
    const attempt = this.#attempts.get(seqNum);
    if (attempt === undefined) throw new Error(`no attempt at ${seqNum} is in flight`);
    this.#attempts.delete(seqNum);
    return attempt;
  }
}
