import type { ImportProgress } from '../log/import-progress.ts';
import type { Follower } from '../views/follower.ts';
import { readThrough } from '../views/read-through.ts';
import type { ProgressLine } from './progress-line.ts';

/**
 * Looks how the import and the watchers are doing.
 *
 * @param latest - The number of the latest event in the log.
 * @param elapsed - Milliseconds since the start.
 */
export function takeProgress(
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
    const stats = watcher.stats();
    const done = readThrough(stats);
    const checkpoint = stats.checkpointIterator;
    return {
      name: watcher.id,
      done,
      total: latest,
      rate: perSecond(stats.handled),
      place: {
        lag: stats.lag,
        checkpoint: checkpoint.type === 'after_sequence_number' ? checkpoint.sequenceNumber : 0,
      },
    };
  });
  return [storing, ...watching];
}
