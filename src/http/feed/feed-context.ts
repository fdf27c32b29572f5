import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { ResolvedFeedOptions } from './feed-options.ts';
import type { Encode } from './feed-page.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { SharedPages } from './shared-pages.ts';

/** Parts of a feed that all its responses share. */
export interface FeedContext {
  readonly store: EventStore;
  readonly options: ResolvedFeedOptions;
  readonly pages: SharedPages<Event>;
  readonly heartbeat: Heartbeat;
  /** Encodes events as the JSON array of `/stream`. */
  readonly toStreamJson: Encode;
  /** Encodes events as one server-sent event with the name `data`, for `/stream`. */
  readonly toStreamSse: Encode;
  /** Reports an error to the application that serves the feed. Clients must not see the error. */
  readonly report: (error: unknown) => void;
}
