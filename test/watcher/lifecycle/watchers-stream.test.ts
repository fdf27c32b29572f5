import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WatcherAlreadyExistsError } from '../../../src/errors.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { managed } from '../managed.ts';

/** A manager of one watcher, and the ids of those that it tells of. */
function watched() {
  const all = managed();
  const ids = note(all.manager.watchers$.pipe(map((watchers) => watchers.map(({ id }) => id))));
  return { ...all, ids };
}

describe('watchers$', () => {
  it('emits those of the moment first, and then each time that one is created or removed', async () => {
    const { manager, ids } = watched();
    manager.create('b');
    await manager.remove('w');
    manager.create('w');
    expect(ids).toMatchObject({ values: [['w'], ['w', 'b'], ['b'], ['b', 'w']], isComplete: false });
  });

  it('emits nothing for one that is refused', () => {
    const { manager, ids } = watched();
    expect(() => manager.create('w')).toThrow(WatcherAlreadyExistsError);
    expect(ids.values).toEqual([['w']]);
  });

  it('emits nothing while one only stops or starts', async () => {
    const { manager, watcher, byHand, ids } = watched();
    watcher.start();
    const stopped = manager.stop();
    byHand.finish();
    await stopped;
    expect(ids.values).toEqual([['w']]);
  });

  it('emits behind the stop of one that is removed, and before its streams complete', async () => {
    const { manager, watcher, byHand, ids } = watched();
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

  it('has a watcher that is to start at once before it does', () => {
    const { manager } = managed();
    const states: (string | undefined)[] = [];
    manager.watchers$.subscribe((watchers) => states.push(watchers[1]?.stats().state));
    manager.create('b', { handler: () => undefined, autoStart: true });
    expect(states).toEqual([undefined, 'idle']);
  });

  it('tells everybody the truth last, also if somebody who is told creates one', async () => {
    const { manager } = managed();
    manager.watchers$.subscribe((watchers) => {
      if (watchers.length === 0) manager.create('next');
    });
    const late = note(manager.watchers$);
    await manager.remove('w');
    expect(late.values.at(-1)).toEqual(manager.watchers());
  });

  it('notifies a listener that creates watchers without a stack, however many they are', () => {
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

  it('gives lists that are not its own', () => {
    const { manager } = watched();
    manager.watchers$.subscribe((watchers) => {
      (watchers as unknown[]).length = 0;
    });
    expect(note(manager.watchers$).values[0]).toHaveLength(1);
    expect(manager.watchers()).toHaveLength(1);
  });
});
