import { catchError, EMPTY, map, merge, type Observable, of, share, switchMap } from 'rxjs';
import type { Reporter } from '../../store/logger.ts';
import { textOf } from '../../validation/text-of.ts';
import { messagesOn } from './messages-on.ts';
import type { StreamAccess } from './stream-access.ts';

/** What processes tell each other of leases that were given back. */
export interface LeaseReleases {
  /** Tells that one was. */
  tell(): void;
  /** Emits when one may have been. */
  readonly released$: Observable<void>;
}

/** Tells of releases by a message that is not stored: whoever misses it looks by himself a little later. */
export function createLeaseReleases(
  { connection, prefix, state$ }: Pick<StreamAccess, 'connection' | 'prefix' | 'state$'>,
  logger: Reporter,
): LeaseReleases {
  const subject = `${prefix}-released`;
  const told$ = messagesOn(connection, subject, (error) => {
    logger.error(
      `leases that are given back are noticed late: ${textOf(error)}`,
      'RX_WATCHER_LEASES_UNNOTICED',
    );
  }).pipe(
    map(() => undefined),
    // The application has closed its connection just now.
    catchError(() => EMPTY),
  );
  return {
    tell() {
      try {
        connection.publish(subject);
      } catch (error) {
        logger.debug(`nobody is told of a lease that was given back: ${textOf(error)}`);
      }
    },
    released$: state$.pipe(
      switchMap((state, index) => {
        if (state !== 'connected') return EMPTY;
        // What was told while the connection was lost is not told again.
        return index === 0 ? told$ : merge(told$, of(undefined));
      }),
      share(),
    ),
  };
}
