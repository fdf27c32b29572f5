import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WatcherAlreadyExistsError } from '../../../src/errors.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';

/** Creates a manager of one watcher, and records the ids that `watchers$` emits. */
function setUp() {
  const all = managed();
  const ids = note(all.manager.watchers$.pipe(map((watchers) => watchers.map(({ id }) => id))));
  return { ...all, ids };
}

describe('the Observable watchers$ of a manager', () => {
  it('watchers$ emits the current list of watchers first, and then the new list after each creation and removal', async () => {
    const { manager, ids } = setUp();
    manager.create('b');
    await manager.remove('w');
    manager.create('w');
    expect(ids).toMatchObject({ values: [['w'], ['w', 'b'], ['b'], ['b', 'w']], isComplete: false });
  });

  it('watchers$ emits nothing if the creation of a watcher is rejected', () => {
    const { manager, ids } = setUp();
    expect(() => manager.create('w')).toThrow(WatcherAlreadyExistsError);
    expect(ids.values).toEqual([['w']]);
  });

  it('watchers$ emits nothing when a watcher starts or stops', async () => {
    const { manager, watcher, byHand, ids } = setUp();
    watcher.start();
    const stopped = manager.stop();
    byHand.finish();
    await stopped;
    expect(ids.values).toEqual([['w']]);
  });

  it('watchers$ emits after a removed watcher has stopped, and before the Observables of that watcher complete', async () => {
    const { manager, watcher, byHand, ids } = setUp();
    const seen: string[] = [];
    manager.watchers$.subscribe((watchers) => seen.push(`${watchers.length} watchers`));
    watcher.stats$.subscribe({
      next: ({ state }) => seen.push(state),
      complete: () => seen.push('complete'),
    });
    watcher.start();
    seen.length = 0;
    const removed = manager.remove('w');
    expect(ids.values).toEqual([['w']]);
    byHand.finish();
    await removed;
    expect(seen.slice(-3)).toEqual(['stopped', '0 watchers', 'complete']);
  });

  it('watchers$ emits a list with a new watcher before autoStart starts that watcher', () => {
    const { manager } = managed();
    const states: (string | undefined)[] = [];
    manager.watchers$.subscribe((watchers) => states.push(watchers[1]?.stats().state));
    manager.create('b', { handler: () => undefined, autoStart: true });
    expect(states).toEqual([undefined, 'idle']);
  });

  it('watchers$ emits the newest list last to all subscribers if a subscriber creates a watcher', async () => {
    const { manager } = managed();
    manager.watchers$.subscribe((watchers) => {
      if (watchers.length === 0) manager.create('next');
    });
    const late = note(manager.watchers$);
    await manager.remove('w');
    expect(late.values.at(-1)).toEqual(manager.watchers());
  });

  it('watchers$ notifies a subscriber that creates many watchers without recursion', () => {
    const { manager } = managed();
    let depth = 0;
    let deepest = 0;
    manager.watchers$.subscribe(({ length }) => {
      deepest = Math.max(deepest, ++depth);
      if (length < 2000) manager.create(`w${length}`);
      depth--;
    });
    manager.create('last');
    expect(manager.watchers()).toHaveLength(2001);
    expect(deepest).toBeLessThanOrEqual(2);
  });

  it('watchers$ emits copies of the list of watchers', () => {
    const { manager } = setUp();
    manager.watchers$.subscribe((watchers) => {
      (watchers as unknown[]).length = 0;
    });
    expect(note(manager.watchers$).values[0]).toHaveLength(1);
    expect(manager.watchers()).toHaveLength(1);
  });
});
