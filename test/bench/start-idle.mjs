import { createManager } from 'rx-watcher';

/** Starts so many watchers that wait for what never comes: all for the same, or each for something else. */
export function startIdle(store, count, isEachForItself = false) {
  const manager = createManager(store);
  for (let n = 0; n < count; n++) {
    const filter = { objectTypes: [isEachForItself ? `Never${n}` : 'Never'] };
    manager.create(`idle-${n}`, { filter, handler: () => undefined, autoStart: true });
  }
  return manager;
}
