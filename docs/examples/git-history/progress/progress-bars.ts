import { MultiBar, Presets } from 'cli-progress';
import type { ProgressDisplay } from './progress-display.ts';
import { describe } from './progress-line.ts';

/** A bar for each line, on a terminal. */
export function progressBars(stream: NodeJS.WriteStream): ProgressDisplay {
  const options = {
    stream,
    format: '{name} {bar} {text}',
    barsize: 16,
    hideCursor: true,
    linewrap: false,
    fps: 20,
  };
  const bars = new MultiBar({ ...options, gracefulExit: false }, Presets.shades_classic); // signals are ours
  const made = new Map<string, ReturnType<MultiBar['create']>>();
  return {
    period: 100,
    update(lines) {
      for (const line of lines) {
        const bar = made.get(line.name) ?? bars.create(1, 0);
        made.set(line.name, bar);
        bar.setTotal(Math.max(1, line.total));
        bar.update(line.total === 0 ? 1 : line.done, { name: line.name.padEnd(14), text: describe(line) });
      }
    },
    end: () => bars.stop(),
  };
}
