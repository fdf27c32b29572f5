import { firstValueFrom, ReplaySubject, Subject, skip } from 'rxjs';
import type { Event, EventHandler, HandlerContext } from '../../../index.ts';

/** One call of a handler, which lasts until the test ends it. */
export interface HandedOver {
  readonly event: Event;
  readonly context: HandlerContext;
  finish(): void;
  fail(error: unknown): void;
}

/** A handler whose attempts end when the test says so, and can be waited for: an engine may take its time to read. */
export class ByHand {
  /** The events it was given, one for each attempt. */
  readonly seqNums: number[] = [];

  readonly #attempts$ = new ReplaySubject<HandedOver>();

  readonly handler: EventHandler = (event, context) => {
    const end$ = new Subject<never>();
    this.seqNums.push(event.seqNum);
    this.#attempts$.next({
      event,
      context,
      finish: () => end$.complete(),
      fail: (error) => end$.error(error),
    });
    return end$;
  };

  /** The attempt of this place in their order, from 1, as soon as it is made. */
  attempt(place: number): Promise<HandedOver> {
    return firstValueFrom(this.#attempts$.pipe(skip(place - 1)));
  }

  /** Ends the attempts of these places well, each as soon as it is made. */
  async finish(first: number, last = first): Promise<void> {
    for (let place = first; place <= last; place++) (await this.attempt(place)).finish();
  }
}
