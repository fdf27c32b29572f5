import type { Logger } from 'rx-watcher';

/** Logger that discards all messages, for tests with many expected failures. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
