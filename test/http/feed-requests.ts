import { onTestFinished } from 'vitest';
import { createFeed } from '../../src/http/feed/create-feed.ts';
import type { FeedOptions } from '../../src/http/feed/feed-options.ts';
import { createMemoryStore } from '../../src/memory.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import type { StoreOptions } from '../../src/store/store-options.ts';

/** Headers that request a media type of the feed. */
export const SSE = { accept: 'text/event-stream' } as const;
export const CLOUD_EVENTS = { accept: 'application/cloudevents+json' } as const;

/** Feed of a store, with a function that requests a path of it. */
export interface TestFeed {
  readonly store: EventStore;
  readonly get: (
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ) => Promise<Response>;
}

/** Creates a feed on a store, which is closed when the current test has finished. */
export function feedOf(store: EventStore, options?: FeedOptions): TestFeed {
  const feed = createFeed(store, options);
  onTestFinished(() => store.close());
  return {
    store,
    get: (path, headers = {}, method = 'GET') =>
      feed.fetch(new Request(`http://localhost${path}`, { method, headers })),
  };
}

/** Creates a feed on a new memory store. */
export const testFeed = (options?: FeedOptions, storeOptions?: StoreOptions): TestFeed =>
  feedOf(createMemoryStore(storeOptions), options);

/** Stores jobs with the numbers from 1 on. */
export const storeJobs = (store: EventStore, count: number) =>
  store.storeEvents(
    Array.from({ length: count }, (_, index) => ({
      operation: 'CREATE' as const,
      objectType: 'Job',
      object: { id: index + 1 },
    })),
  );

/** Returns the problem of a response, with its status code and its content type. */
export const problemOf = async (response: Response): Promise<Readonly<Record<string, unknown>>> => ({
  type: response.headers.get('content-type'),
  ...((await response.json()) as object),
});
