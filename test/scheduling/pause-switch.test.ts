import { describe, expect, it } from 'vitest';
import { PauseSwitch } from '../../src/scheduling/pause-switch.ts';

describe('a valve', () => {
  it('is open until there is a reason to shut it, and again when there is none left', () => {
    const valve = new PauseSwitch();
    const told: boolean[] = [];
    valve.isOpen$.subscribe((isOpen) => told.push(isOpen));
    expect(valve.isOpen).toBe(true);
    valve.pause('pause');
    valve.pause('redrive');
    valve.resume('pause');
    expect(valve.isOpen).toBe(false);
    valve.resume('redrive');
    expect(valve.isOpen).toBe(true);
    expect(told).toEqual([true, false, true]);
  });

  it('takes a reason once, and takes it away once; one that it does not know does not matter', () => {
    const valve = new PauseSwitch();
    valve.pause('pause');
    valve.pause('pause');
    valve.resume('redrive');
    expect(valve.isOpen).toBe(false);
    valve.resume('pause');
    valve.resume('pause');
    expect(valve.isOpen).toBe(true);
  });

  it('lets those through at once who come while it is open, and the others when it opens, each once', () => {
    const valve = new PauseSwitch();
    const through: string[] = [];
    const pass = (name: string) => valve.resumed$.subscribe({ complete: () => through.push(name) });
    pass('a');
    valve.pause('pause');
    pass('b');
    pass('c').unsubscribe();
    expect(through).toEqual(['a']);
    valve.resume('pause');
    valve.pause('pause');
    valve.resume('pause');
    expect(through).toEqual(['a', 'b']);
  });

  it('that the first one through shuts again keeps the others waiting', () => {
    const valve = new PauseSwitch();
    const through: string[] = [];
    valve.pause('pause');
    for (const name of ['a', 'b']) {
      valve.resumed$.subscribe({
        complete() {
          through.push(name);
          valve.pause('pause');
        },
      });
    }
    valve.resume('pause');
    expect(through).toEqual(['a']);
    valve.resume('pause');
    expect(through).toEqual(['a', 'b']);
  });
});
