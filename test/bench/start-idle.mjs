import { createManager } from 'rx-watcher';

/** Starts so many watchers that wait for what never comes. */
export function startIdle(store, count) {
  const manager = createManager(store);
  const options = { filter: { objectTypes: ['Never'] }, handler: () => undefined, autoStart: true };
  for (let n = 0; n < count; n++) manager.create(`idle-${n}`, options);
  return manager;
}
