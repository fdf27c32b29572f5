import { ignoreElements, merge, NEVER, type Observable, of, switchMap, take, throwError } from 'rxjs';
import { StoreClosedError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';

/** Completes; fails, if the store is closed: it takes no checkpoint any more, so that there is nothing to wait for. */
export const refuseClosed = <E extends Event>({ closed$ = NEVER }: EventStore<E>): Observable<never> =>
  merge(closed$.pipe(switchMap(() => throwError(() => new StoreClosedError()))), of('open')).pipe(
    take(1),
    ignoreElements(),
  );
