import type { Observable } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Step } from '../flow/pull.ts';
import type { Outcome } from '../handling/outcome.ts';

/** How events get from the page loop to the handler. */
export interface Delivery<E extends Event = Event> {
  /** Takes an event over; completes when the next one may be given. */
  deliver(event: E): Exclude<Step<Outcome<E>>, undefined>;
  /** Completes when nothing that was taken over is left to be done. */
  flush(): Observable<Outcome<E>>;
  /** How long, in milliseconds, what was taken over may wait for more to come. */
  patience(): number;
  /** What became of events that are done beside the page loop. */
  readonly aside$: Observable<Outcome<E>>;
}
