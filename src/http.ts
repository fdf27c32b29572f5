/**
 * Events of a store over HTTP, for `node:http`, frameworks on top of it, and Fetch-style servers.
 *
 * @module rx-watcher/http
 */

export { createFeed } from './http/feed/create-feed.ts';
export type { FeedOptions } from './http/feed/feed-options.ts';
export { createHttpHandler, type HttpHandler, type Respond } from './http/http-handler.ts';
