/**
 * Starts `count` watchers that wait for events that are never appended: all for the same object type, or each for a separate
 * one.
 */
export function startIdle(manager, count, isEachForItself = false) {
  for (let n = 0; n < count; n++) {
    const filter = { objectTypes: [isEachForItself ? `Never${n}` : 'Never'] };
    manager.create(`idle-${n}`, { filter, handler: () => undefined, autoStart: true });
  }
  return manager;
}
