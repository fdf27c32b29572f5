import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { ProgressDisplay } from './progress-display.ts';
import { describe } from './progress-line.ts';

/** A bar for each line, on a terminal. */
export function progressBars(stream: NodeJS.WriteStream): ProgressDisplay {
  const look = { format: '{name} {bar} {text}', barsize: 5, hideCursor: true, linewrap: false };
  const bars = new MultiBar({ ...look, stream, gracefulExit: false }, Presets.shades_classic); // signals are ours
  const made = new Map<string, SingleBar>();
  return {
    period: 100,
    update(lines) {
      for (const line of lines) {
        const bar = made.get(line.name) ?? bars.create(1, 0);
        made.set(line.name, bar);
        bar.setTotal(Math.max(1, line.total));
        bar.update(line.total === 0 ? 1 : line.done, { name: line.name.padEnd(13), text: describe(line) });
      }
    },
    end: () => bars.stop(),
  };
}
