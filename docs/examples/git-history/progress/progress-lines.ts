import type { ProgressDisplay } from './progress-display.ts';
import { describe } from './progress-line.ts';

/** Plain lines, where there is no terminal: of each at most one in a second, and none that says what the last did. */
export function progressLines(stream: NodeJS.WriteStream): ProgressDisplay {
  const shown = new Map<string, string>();
  return {
    period: 1000,
    update(lines) {
      for (const line of lines) {
        const text = `${line.name.padEnd(13)}  ${describe(line)}\n`;
        if (shown.get(line.name) !== text) stream.write(text);
        shown.set(line.name, text);
      }
    },
    end() {},
  };
}
