/** Ids of the watchers that run under leases in the stress test. */
export const WATCHERS = ['watcher-0', 'watcher-1', 'watcher-2'];
