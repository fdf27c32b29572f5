import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';

/** Options of the watchers, by kind of delivery. The handlers of these watchers block the event loop. */
const KINDS = [
  ['a sequential watcher', {}],
  ['a keyed watcher', { concurrency: 16, keyOf }],
] as const;

describe.each(KINDS)('%s with synchronous handlers that block for 10 ms', (_kind, options) => {
  it('a watcher calls at most one handler that blocks for 10 ms in each turn of the event loop', () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock });
    fillKeys(store, 'abcdefgh');
    let calls = 0;
    const handler = () => {
      calls++;
      clock.frame += 10;
    };
    watch(store, 'w', { handler, ...options }).subscribe();

    const callsPerTurn: number[] = [];
    for (let before = 0; clock.timers > 0 && calls < 8; before = calls) {
      callsPerTurn.push(calls - before);
      clock.maxFrames = clock.actions[0]?.delay ?? 0;
      clock.flush();
    }
    expect(Math.max(...callsPerTurn)).toBe(1);
    expect(calls).toBe(8);
  });
});
