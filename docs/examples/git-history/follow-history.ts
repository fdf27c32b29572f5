/** Imports the history while the watchers follow it. */
import { createManager, type EventIterator, type Manager, type Watcher } from 'rx-watcher';
import {
  firstValueFrom,
  forkJoin,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  type Observable,
  Subject,
  switchMap,
  tap,
} from 'rxjs';
import { ExactlyOnce } from './exactly-once.ts';
import { type Import, ImportProgress, importHistory } from './import-history.ts';
import type { DemoLog, FileEvent } from './open-log.ts';
import { type ProgressLine, showProgress } from './progress.ts';
import { VIEWS, type View } from './views.ts';

/** A watcher, and the view that it computes. */
export interface Follower {
  readonly watcher: Watcher<FileEvent>;
  readonly counter: ExactlyOnce;
  /** Time until the watcher has processed the whole log, in milliseconds. */
  duration?: number;
}

export interface FollowOptions extends Omit<Import, 'progress' | 'signal'> {
  /** Emits when the user wants to stop. */
  readonly stop$: Observable<'stopped'>;
}

export interface Followed {
  readonly outcome: 'caught up' | 'stopped';
  /** Sequence number of the last event in the log. */
  readonly latest: number;
  readonly imported: ImportProgress;
  readonly followers: readonly Follower[];
}

/**
 * Follows the history until the watchers have processed all of it, or until the user stops the run.
 *
 * In both cases the current batch is stored, the current event is handled, and the counted rows are written.
 *
 * If the import, a watcher or the output fails, the run ends with the first error.
 */
export async function followHistory({ stop$, ...source }: FollowOptions): Promise<Followed> {
  const { log } = source;
  const begin = performance.now();
  const elapsed = () => performance.now() - begin;

  const manager = createManager(log.events);
  const followers = VIEWS.map((view) => startFollower(manager, log, view));
  const abort = new AbortController();
  const imported = new ImportProgress();
  const importing = importHistory({ ...source, progress: imported, signal: abort.signal });

  const latest$ = log.events.getLatestSeqNum();
  const end$ = new Subject<void>();
  const progress$ = latest$.pipe(map((latest) => progressOf(imported, followers, latest, elapsed())));
  const shown = lastValueFrom(showProgress(process.stdout, progress$, end$), { defaultValue: undefined });

  const caughtUp = (follower: Follower, latest: number) =>
    follower.watcher.whenProcessed(latest).pipe(
      tap(() => {
        follower.duration = elapsed();
      }),
    );
  const caughtUp$ = from(importing).pipe(
    switchMap(() => latest$),
    switchMap((latest) => forkJoin(followers.map((follower) => caughtUp(follower, latest)))),
    map(() => 'caught up' as const),
  );
  const failure$ = merge(from(shown), ...followers.map(firstError)).pipe(ignoreElements());
  try {
    const outcome = await firstValueFrom(merge(caughtUp$, stop$, failure$)).finally(async () => {
      abort.abort();
      await Promise.allSettled([importing]); // a failure is already reported
      await manager.stop();
    });
    for (const { counter, watcher } of followers) await counter.commit(watcher);
    return { outcome, latest: await firstValueFrom(latest$), imported, followers };
  } finally {
    end$.next();
    await shown;
  }
}

function startFollower(manager: Manager<FileEvent>, log: DemoLog, view: View<unknown>): Follower {
  const watcher = manager.create(view.name, { filter: view.filter, checkpoint: 'manual', batchSize: 500 });
  const counter = new ExactlyOnce(log, view);
  watcher.setHandler(counter.handlerFor(watcher));
  watcher.start();
  return { watcher, counter };
}

/**
 * Errors when a watcher reports its first failure. A service would let the watcher retry, which is the default. The demo
 * reports the failure, and the next run continues.
 */
const firstError = ({ watcher }: Follower): Observable<unknown> =>
  watcher.stats$.pipe(
    tap(({ lastError }) => {
      if (lastError !== undefined) throw lastError;
    }),
  );

/** Returns the present progress of the import and the watchers. */
function progressOf(
  imported: ImportProgress,
  followers: readonly Follower[],
  latest: number,
  elapsed: number,
): readonly ProgressLine[] {
  const perSecond = (events: number, time = elapsed) => (time > 0 ? (events * 1000) / time : 0);
  const storing: ProgressLine = {
    name: 'storing',
    done: imported.commits,
    total: Math.max(imported.totalCommits, imported.commits),
    unit: ' commits',
    rate: perSecond(imported.stored, imported.duration),
  };
  const watching = followers.map(({ watcher }): ProgressLine => {
    const { handled, lag, nextEventIterator, checkpointIterator } = watcher.stats();
    return {
      name: watcher.id,
      done: lastBefore(nextEventIterator),
      total: latest,
      rate: perSecond(handled),
      position: { checkpoint: lastBefore(checkpointIterator), lag },
    };
  });
  return [storing, ...watching];
}

/** Returns the sequence number of the event before an iterator; 0 at the start of the log. */
function lastBefore(iterator: EventIterator): number {
  if (iterator.type === 'after_sequence_number') return iterator.sequenceNumber;
  return iterator.type === 'at_sequence_number' ? iterator.sequenceNumber - 1 : 0;
}
