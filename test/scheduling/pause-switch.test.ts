import { describe, expect, it } from 'vitest';
import { PauseSwitch } from '../../src/scheduling/pause-switch.ts';

describe('PauseSwitch', () => {
  it('a PauseSwitch is open while it has no reason to pause, and emits each change between open and paused', () => {
    const pauseSwitch = new PauseSwitch();
    const emitted: boolean[] = [];
    pauseSwitch.isOpen$.subscribe((isOpen) => emitted.push(isOpen));
    expect(pauseSwitch.isOpen).toBe(true);
    pauseSwitch.pause('pause');
    pauseSwitch.pause('redrive');
    pauseSwitch.resume('pause');
    expect(pauseSwitch.isOpen).toBe(false);
    pauseSwitch.resume('redrive');
    expect(pauseSwitch.isOpen).toBe(true);
    expect(emitted).toEqual([true, false, true]);
  });

  it('a PauseSwitch ignores a reason that is added or removed twice, and the removal of an unknown reason', () => {
    const pauseSwitch = new PauseSwitch();
    pauseSwitch.pause('pause');
    pauseSwitch.pause('pause');
    pauseSwitch.resume('redrive');
    expect(pauseSwitch.isOpen).toBe(false);
    pauseSwitch.resume('pause');
    pauseSwitch.resume('pause');
    expect(pauseSwitch.isOpen).toBe(true);
  });

  it('resumed$ of a PauseSwitch completes immediately while the switch is open, and otherwise when the last reason is removed', () => {
    const pauseSwitch = new PauseSwitch();
    const resumed: string[] = [];
    const observe = (name: string) => pauseSwitch.resumed$.subscribe({ complete: () => resumed.push(name) });
    observe('a');
    pauseSwitch.pause('pause');
    observe('b');
    observe('c').unsubscribe();
    expect(resumed).toEqual(['a']);
    pauseSwitch.resume('pause');
    pauseSwitch.pause('pause');
    pauseSwitch.resume('pause');
    expect(resumed).toEqual(['a', 'b']);
  });

  it('resumed$ of a PauseSwitch does not complete for later observers if the first observer adds a reason to pause again', () => {
    const pauseSwitch = new PauseSwitch();
    const resumed: string[] = [];
    pauseSwitch.pause('pause');
    for (const name of ['a', 'b']) {
      pauseSwitch.resumed$.subscribe({
        complete() {
          resumed.push(name);
          pauseSwitch.pause('pause');
        },
      });
    }
    pauseSwitch.resume('pause');
    expect(resumed).toEqual(['a']);
    pauseSwitch.resume('pause');
    expect(resumed).toEqual(['a', 'b']);
  });
});
