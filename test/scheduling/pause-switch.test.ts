import { describe, expect, it } from 'vitest';
import { Valve } from '../../src/scheduling/pause-switch.ts';

describe('a valve', () => {
  it('is open until there is a reason to shut it, and again when there is none left', () => {
    const valve = new Valve();
    const told: boolean[] = [];
    valve.isOpen$.subscribe((isOpen) => told.push(isOpen));
    expect(valve.isOpen).toBe(true);
    valve.shut('pause');
    valve.shut('redrive');
    valve.open('pause');
    expect(valve.isOpen).toBe(false);
    valve.open('redrive');
    expect(valve.isOpen).toBe(true);
    expect(told).toEqual([true, false, true]);
  });

  it('takes a reason once, and takes it away once; one that it does not know does not matter', () => {
    const valve = new Valve();
    valve.shut('pause');
    valve.shut('pause');
    valve.open('redrive');
    expect(valve.isOpen).toBe(false);
    valve.open('pause');
    valve.open('pause');
    expect(valve.isOpen).toBe(true);
  });

  it('lets those through at once who come while it is open, and the others when it opens, each once', () => {
    const valve = new Valve();
    const through: string[] = [];
    const pass = (name: string) => valve.opened$.subscribe({ complete: () => through.push(name) });
    pass('a');
    valve.shut('pause');
    pass('b');
    pass('c').unsubscribe();
    expect(through).toEqual(['a']);
    valve.open('pause');
    valve.shut('pause');
    valve.open('pause');
    expect(through).toEqual(['a', 'b']);
  });

  it('that the first one through shuts again keeps the others waiting', () => {
    const valve = new Valve();
    const through: string[] = [];
    valve.shut('pause');
    for (const name of ['a', 'b']) {
      valve.opened$.subscribe({
        complete() {
          through.push(name);
          valve.shut('pause');
        },
      });
    }
    valve.open('pause');
    expect(through).toEqual(['a']);
    valve.open('pause');
    expect(through).toEqual(['a', 'b']);
  });
});
