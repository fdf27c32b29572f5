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
import { countOnce } from './count-once.ts';
import { type Import, ImportProgress, importHistory } from './import-history.ts';
import type { DemoLog, FileEvent } from './open-log.ts';
import { type ProgressLine, showProgress } from './progress.ts';
import { TableRows } from './rows.ts';
import { VIEWS, type View } from './views.ts';

/** A view, its rows, and the watcher that computes them. */
export interface Follower {
  readonly view: View<unknown>;
  readonly rows: TableRows<unknown>;
  readonly watcher: Watcher<FileEvent>;
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
 * In both cases the current batch is stored, and the current transactions are committed.
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
    return { outcome, latest: await firstValueFrom(latest$), imported, followers };
  } finally {
    end$.next();
    await shown;
  }
}

/**
 * Starts the watcher of a view. If the log is in a file, one transaction contains the rows and the checkpoint. A stream has no
 * transactions, so the rows are stored with the sequence number of the last counted event instead.
 */
function startFollower(manager: Manager<FileEvent>, log: DemoLog, view: View<unknown>): Follower {
  const { name, filter } = view;
  const rows = new TableRows<unknown>(log.env.openDB({ name: `rows of ${name}`, encoding: 'json' }));
  const fold = (event: FileEvent) => view.fold(event, rows);
  const handling =
    log.events.transaction === undefined
      ? { batchHandler: countOnce(log, name, fold), maxBatch: 1000 }
      : { transactionHandler: fold };
  const watcher = manager.create(name, { filter, ...handling, batchSize: 500, autoStart: true });
  return { view, rows, watcher };
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
