import { Subject } from 'rxjs';
import type { EventHandler, HandlerContext } from '../../../src/handling/handler.ts';

/** Handler of one event at a time. The test ends its attempts. */
export class ByHand {
  /** Number of the event of each attempt, in the order of the attempts. */
  readonly seqNums: number[] = [];
  /** Context of each attempt. */
  readonly contexts: HandlerContext[] = [];

  #attempt: Subject<never> | undefined;

  readonly handler: EventHandler = ({ seqNum }, context) => {
    this.seqNums.push(seqNum);
    this.contexts.push(context);
    this.#attempt = new Subject();
    return this.#attempt;
  };

  /** Whether an attempt is in flight. */
  get isBusy(): boolean {
    return this.#attempt !== undefined;
  }

  /** Completes the attempt in flight. */
  finish(): void {
    this.#take().complete();
  }

  /** Fails the attempt in flight. */
  fail(error: unknown): void {
    this.#take().error(error);
  }

  #take(): Subject<never> {
    const attempt = this.#attempt;
    if (attempt === undefined) throw new Error('no attempt is in flight');
    this.#attempt = undefined;
    return attempt;
  }
}
