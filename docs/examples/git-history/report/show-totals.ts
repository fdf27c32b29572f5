import type { ImportProgress } from '../log/import-progress.ts';
import type { Follower } from '../views/follower.ts';
import { showNumber } from './show-number.ts';

/** The line before the totals. */
export const TOTALS_HEADING = '== This run: other figures each time ==';

/** What this run has done, and how fast. */
export function showTotals(imported: ImportProgress, latest: number, followers: readonly Follower[]): string {
  const rate = (events: number, time = 0) =>
    time > 0 ? `${showNumber((events * 1000) / time)} events/s` : '';
  const stored = `${showNumber(imported.stored)} events stored, ${showNumber(latest)} in all`;
  const rows = [
    ['storing', stored, rate(imported.stored, imported.duration)],
    ...followers.map(({ watcher, counter: { leftOut }, duration }) => {
      const { handled } = watcher.stats();
      const again = leftOut > 0 ? `, ${showNumber(leftOut)} of them delivered again and left out` : '';
      return [watcher.id, `${showNumber(handled)} events handled${again}`, rate(handled, duration)];
    }),
    ['memory', `${showNumber(process.resourceUsage().maxRSS / 1024)} MB at the most`, ''],
  ];
  const lines = rows.map(([name = '', text = '', speed = '']) =>
    `${name.padEnd(14)} ${text.padEnd(42)} ${speed}`.trimEnd(),
  );
  return [TOTALS_HEADING, ...lines].join('\n');
}
