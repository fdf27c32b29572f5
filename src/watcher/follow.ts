import { ignoreElements, type Observable, tap, using } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventIterator } from '../event/event-iterator.ts';
import { pull, type Step } from '../flow/pull.ts';
import { handleEvent } from './handle-event.ts';
import type { Outcome } from './outcome.ts';
import { readEvents, type WatchedPage } from './read-events.ts';
import type { Passed, RunContext } from './run-context.ts';

const reached = (iterator: EventIterator): number =>
  iterator.type === 'after_sequence_number' ? iterator.sequenceNumber : 0;

/**
 * The page loop of a watcher: each event is handled *inside* it, so that no more is read than has been handled, up to
 * one page. It ends behind the event in hand once the run is to stop.
 */
export function follow<E extends Event>(
  context: RunContext<E>,
  from: EventIterator,
): Observable<Outcome<E> | Passed> {
  let passed = reached(from);
  /** As far as nothing is left to do: an event in hand is passed, and yet to be held. */
  let done = passed;
  const release = () => {
    done = passed;
  };
  const begin = () => {
    let page: WatchedPage<E> = { events: [], nextEventIterator: from };
    let taken = 0;

    const read = () =>
      readEvents(context, page.nextEventIterator).pipe(
        tap((next) => {
          page = next;
          taken = 0;
          context.monitor.read(next.nextEventIterator, next.events[0]);
        }),
        ignoreElements(),
      );
    /** What is left to tell of a page when its events are through: an undecodable event, or a filtered-out rest. */
    const rest = (): Step<Outcome<E> | Passed> => {
      const seqNum = reached(page.nextEventIterator);
      if (seqNum <= passed) return read();
      passed = seqNum;
      release();
      return [page.skipped ?? { status: 'passed', seqNum }];
    };
    return (): Step<Outcome<E> | Passed> => {
      if (context.ending.isGiven) return undefined;
      const event = page.events[taken++];
      if (event === undefined) return rest();
      passed = event.seqNum;
      return handleEvent(context, event).pipe(tap({ complete: release }));
    };
  };
  return using(
    () => context.store.hold?.(() => done),
    () => pull(begin, context.scheduler),
  );
}
