import type { Logger } from 'rx-watcher';

/** Logger that drops everything: for tests that cause failures by the hundred. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
