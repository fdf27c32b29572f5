import { firstValueFrom, lastValueFrom, NEVER, tap, toArray } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Outcome } from '../handling/outcome.ts';
import { Activity } from './activity.ts';
import { type RedriveOptions, redrive } from './redrive.ts';
import { underClaim } from './under-claim.ts';
import type { WatcherLife, WatcherParts } from './watcher-life.ts';

/**
 * Redrives dead letters while no other event is delivered: the handler is never called twice at a time. A stop, a removal
 * or the close of the store ends it after the letter in flight; it then resolves with what became of the letters so far.
 *
 * @throws NoHandlerError
 * @throws InvalidStateError from inside the handler, or while letters are redriven already, or while another process
 *   has the lease.
 * @throws LeaseLostError if the lease is lost meanwhile.
 * @throws {@link WatcherAlreadyRunningError} if another watcher of the id runs on the store.
 */
export async function redriveApart<E extends Event>(
  { outcomes$, leasing, ...parts }: WatcherParts<E>,
  life: WatcherLife<E>,
  options: RedriveOptions,
): Promise<readonly Outcome<E>[]> {
  const { id, store, scheduler } = parts;
  const watcher = { ...parts, watcherId: id, checkpoints: parts.record.checkpoints };
  const handler = life.requireHandler();
  if (life.redriving !== undefined || life.isRetired || life.run?.isCaller) throw life.refusal('redrive');
  const activity = new Activity(id, scheduler);
  life.redriving = activity;
  const closed = (store.closed$ ?? NEVER).subscribe(() => activity.stop());
  try {
    life.run?.valve.shut('redrive');
    await Promise.race([life.run?.quiet(), firstValueFrom(activity.stop$)]);
    const letters$ = leasing.during('redrive', (right) =>
      underClaim(watcher, redrive({ ...parts, ...right, handler, activity }, options)),
    );
    return await lastValueFrom(
      letters$.pipe(
        tap((outcome) => outcomes$.next(outcome)),
        toArray(),
      ),
    );
  } finally {
    closed.unsubscribe();
    life.redriving = undefined;
    life.run?.valve.open('redrive');
    activity.end();
  }
}
