import { createManager } from 'rx-watcher';

/** Starts `count` watchers that wait for events that never come: all for one type, or each for its own. */
export function startIdle(store, count, isEachForItself = false) {
  const manager = createManager(store);
  for (let n = 0; n < count; n++) {
    const filter = { objectTypes: [isEachForItself ? `Never${n}` : 'Never'] };
    manager.create(`idle-${n}`, { filter, handler: () => undefined, autoStart: true });
  }
  return manager;
}
