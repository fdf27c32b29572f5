import { catchError, defer, filter, map, type Observable, of, reduce } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { RunContext } from './run-context.ts';

/**
 * Emits the numbers of the dead letters of events that a run comes to again, after a seek for example: their letters go when
 * they are handled, under any strategy. None, if the engine keeps no letters, or if they cannot be read.
 */
export const lettersAhead = <E extends Event>(
  { store, watcherId, monitor }: RunContext<E>,
  position: number,
): Observable<Set<number>> =>
  defer(() => store.deadLetters(watcherId)).pipe(
    map(({ seqNum }) => seqNum),
    filter((seqNum) => seqNum > position),
    reduce((seqNums, seqNum) => seqNums.add(seqNum), new Set<number>()),
    catchError((error) => {
      // An engine without letters refuses the call.
      if (!(error instanceof InvalidOptionsError)) monitor.failed(error);
      return of(new Set<number>());
    }),
  );
