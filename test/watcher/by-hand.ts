import { Subject } from 'rxjs';
import type { EventHandler, HandlerContext } from '../../src/handling/handler.ts';

/** A handler whose attempts end when the test says so. */
export class ByHand {
  /** The events it was given, one for each attempt. */
  readonly seqNums: number[] = [];
  /** What it was told about each attempt. */
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

  /** The attempt in flight ends well. */
  finish(): void {
    this.#take().complete();
  }

  /** The attempt in flight fails. */
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
