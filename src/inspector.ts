/**
 * Page and JSON interface that show a store and its watchers over HTTP.
 *
 * @module rx-watcher/inspector
 */
export type { HttpHandler } from './http/http-handler.ts';
export type * from './inspector/api.ts';
export { createInspector } from './inspector/create-inspector.ts';
export type { ErrorSource, InspectorOptions } from './inspector/inspector-options.ts';
