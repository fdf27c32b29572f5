import { Subject } from 'rxjs';
import type { Event } from '../../../src/event/event.ts';
import type { EventHandler, HandlerContext } from '../../../src/handling/handler.ts';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Stores one event of each of these keys, within the call. */
export const fillKeys = (store: EventStore, keys: string): void =>
  void store.storeEvents(
    [...keys].map((key) => ({ operation: 'CREATE', objectType: 'Job', object: { key } })),
  );

/** The key that `fillKeys` gave an event. */
export const keyOf = ({ object }: Event): string => (object as { key: string }).key;

/** A handler of several events at the same time, whose attempts end when the test says so. */
export class LanesByHand {
  /** The events it was given, one for each attempt. */
  readonly seqNums: number[] = [];
  /** What it was told about the last attempt at each. */
  readonly contexts = new Map<number, HandlerContext>();

  readonly #attempts = new Map<number, Subject<never>>();

  readonly handler: EventHandler = ({ seqNum }, context) => {
    const attempt = new Subject<never>();
    this.seqNums.push(seqNum);
    this.contexts.set(seqNum, context);
    this.#attempts.set(seqNum, attempt);
    return attempt;
  };

  /** The events in flight, in the order in which their attempts began. */
  get inFlight(): number[] {
    return [...this.#attempts.keys()];
  }

  /** Those of the events whose signal is aborted. */
  get aborted(): number[] {
    return [...this.contexts].filter(([, { signal }]) => signal.aborted).map(([seqNum]) => seqNum);
  }

  /** The attempts at these events end well, one after another. */
  finish(...seqNums: readonly number[]): void {
    for (const seqNum of seqNums) this.#take(seqNum).complete();
  }

  /** The attempt at this event fails. */
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
