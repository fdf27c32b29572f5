import { createManager } from 'rx-watcher';
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
import type { HistoryRange } from './git/read-history.ts';
import type { DemoLog } from './log/demo-log.ts';
import { importHistory } from './log/import-history.ts';
import { ImportProgress } from './log/import-progress.ts';
import type { Pace } from './log/pace.ts';
import { showProgress } from './progress/show-progress.ts';
import { takeProgress } from './progress/take-progress.ts';
import { caughtUp } from './views/caught-up.ts';
import { failureOf } from './views/failure-of.ts';
import { type Follower, startFollower } from './views/follower.ts';
import { VIEWS } from './views/views.ts';

export interface Following {
  /** Where git is started. */
  readonly directory: string;
  readonly log: DemoLog;
  /** What is to be imported beyond what an earlier run began. */
  readonly newer: HistoryRange | undefined;
  readonly pace: Pace;
  /** Emits when the user wants to stop. */
  readonly stop$: Observable<'stopped'>;
}

export interface Followed {
  readonly outcome: 'caught up' | 'stopped';
  /** The number of the latest event in the log. */
  readonly latest: number;
  readonly imported: ImportProgress;
  readonly followers: readonly Follower[];
}

/**
 * Imports the history while the watchers follow it, until they have caught up with its end, or the user stops it.
 *
 * However it ends, the batch at hand is stored and the event at hand is handled; unless it fails, what was counted is
 * written too.
 */
export async function followHistory({ log, stop$, ...source }: Following): Promise<Followed> {
  const begin = performance.now();
  const elapsed = () => performance.now() - begin;
  const manager = createManager(log.events);
  const followers = VIEWS.map((view) => startFollower(log, manager, view));
  const imported = new ImportProgress();
  const abort = new AbortController();
  const importing = importHistory({ ...source, log, progress: imported, signal: abort.signal }, source.newer);

  const latest$ = log.events.getLatestSeqNum();
  const end$ = new Subject<void>();
  const progress$ = latest$.pipe(map((latest) => takeProgress(imported, followers, latest, elapsed())));
  const shown = lastValueFrom(showProgress(process.stdout, progress$, end$), { defaultValue: undefined });
  const timed = (follower: Follower) =>
    tap(() => {
      follower.duration = elapsed();
    });
  const caughtUp$ = from(importing).pipe(
    switchMap(() => latest$),
    switchMap((latest) => forkJoin(followers.map((each) => caughtUp(log, each, latest).pipe(timed(each))))),
    map(() => 'caught up' as const),
  );
  const halt = async () => {
    abort.abort();
    await Promise.allSettled([importing]); // a failure was told already
    await manager.stop();
  };
  try {
    const failure$ = merge(failureOf(followers), from(shown).pipe(ignoreElements()));
    const outcome = await firstValueFrom(merge(caughtUp$, stop$, failure$)).finally(halt);
    for (const { counter, watcher } of followers) await counter.commit(watcher);
    return { outcome, latest: await firstValueFrom(latest$), imported, followers };
  } finally {
    end$.next();
    await shown;
  }
}
