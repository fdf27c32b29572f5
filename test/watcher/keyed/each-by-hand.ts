import { Subject } from 'rxjs';
import type { EventHandler } from '../../../src/handling/handler.ts';

/** A handler of several events at a time, whose attempts end when the test says so. */
export class EachByHand {
  /** The events it was given, one for each attempt. */
  readonly seqNums: number[] = [];

  readonly #attempts = new Map<number, Subject<never>>();

  readonly handler: EventHandler = ({ seqNum }) => {
    const attempt = new Subject<never>();
    this.seqNums.push(seqNum);
    this.#attempts.set(seqNum, attempt);
    return attempt;
  };

  /** The attempt at this event ends well. */
  finish(seqNum: number): void {
    this.#take(seqNum).complete();
  }

  /** The attempt at this event fails. */
  fail(seqNum: number, error: unknown): void {
    this.#take(seqNum).error(error);
  }

  #take(seqNum: number): Subject<never> {
    const attempt = this.#attempts.get(seqNum);
    if (attempt === undefined) throw new Error(`no attempt at event ${seqNum} is in flight`);
    this.#attempts.delete(seqNum);
    return attempt;
  }
}
