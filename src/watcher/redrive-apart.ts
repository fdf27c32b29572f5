import { lastValueFrom, tap, toArray } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Outcome } from '../handling/outcome.ts';
import { type RedriveOptions, redrive } from './redrive.ts';
import { unwatched } from './watch.ts';
import type { WatcherLife, WatcherParts } from './watcher-life.ts';

/**
 * Redrives dead letters while nothing else is handed over: the handler is never called twice at a time.
 *
 * @throws NoHandlerError
 * @throws InvalidStateError from inside the handler, or while letters are redriven already, or while another process
 *   has the lease.
 * @throws LeaseLostError if the lease is lost meanwhile.
 */
export async function redriveApart<E extends Event>(
  { outcomes$, leasing, ...parts }: WatcherParts<E>,
  life: WatcherLife<E>,
  options: RedriveOptions,
): Promise<readonly Outcome<E>[]> {
  const handler = life.requireHandler();
  if (life.isRedriving || life.isRetired || life.run?.isCaller) throw life.refusal('redrive');
  life.isRedriving = true;
  try {
    life.run?.valve.shut('redrive');
    await life.run?.quiet();
    const letters$ = leasing.during('redrive', (right) =>
      redrive({ ...parts, ...right, handler, monitor: unwatched }, options),
    );
    return await lastValueFrom(
      letters$.pipe(
        tap((outcome) => outcomes$.next(outcome)),
        toArray(),
      ),
    );
  } finally {
    life.isRedriving = false;
    life.run?.valve.open('redrive');
  }
}
