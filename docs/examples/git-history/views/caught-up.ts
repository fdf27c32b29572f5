import { afterSequenceNumber } from 'rx-watcher';
import { filter, first, isEmpty, type Observable, switchMap, take } from 'rxjs';
import type { DemoLog } from '../log/demo-log.ts';
import type { Follower } from './follower.ts';
import { readThrough } from './read-through.ts';

/**
 * Emits `true` once a follower has counted everything up to an event, and completes.
 *
 * That the watcher has *read* so far is not enough, since some of what it read may be waiting to be counted; nor does
 * the last event that it counted tell, since its filter leaves events out. So the log is asked whether anything comes
 * after that event which passes the filter.
 */
export function caughtUp(
  { events }: DemoLog,
  { watcher, counter }: Follower,
  seqNum: number,
): Observable<boolean> {
  const rest = () =>
    events.events(afterSequenceNumber(counter.counted), { filter: counter.view.filter, live: false });
  return watcher.stats$.pipe(
    filter((stats) => readThrough(stats) >= seqNum),
    switchMap(() => rest().pipe(take(1), isEmpty())),
    first((nothingLeft) => nothingLeft),
  );
}
