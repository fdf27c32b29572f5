/**
 * Page and JSON interface that show a store and its watchers over HTTP.
 *
 * @module rx-watcher/inspector
 */
export type * from './inspector/api.ts';
