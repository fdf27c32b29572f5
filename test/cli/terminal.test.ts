import { describe, expect, it } from 'vitest';
import { outputOf } from './command.ts';
import { numberedLog } from './numbered-log.ts';

describe.each([40, 80, 132])('on a terminal of %i columns', (columns) => {
  it('prints one line for each event, at most as wide as the terminal', async () => {
    const output = await outputOf(['tail', await numberedLog(12)], { columns });
    const lines = output.trimEnd().split('\r\n');
    expect(lines).toHaveLength(10);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines[9]).toMatch(/^ +12 .*DELETE +Customer/);
  });
});
