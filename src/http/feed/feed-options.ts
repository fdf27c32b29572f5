import * as t from 'io-ts';
import { sourceCodec } from '../../event/cloud-event.ts';
import type { Event } from '../../event/event.ts';
import { options } from '../../validation/options.ts';
import { fn, listOf, oneOf, period } from '../../validation/types.ts';

/** Options of {@link createFeed}. */
export interface FeedOptions<E extends Event = Event> {
  /**
   * Identity of the log in CloudEvents, a URI reference.
   *
   * @defaultValue `'/events'`
   */
  readonly source?: string | undefined;
  /**
   * Returns an event as it may be sent, for example without personal data, or `undefined` to hide the event. Only the
   * object, key, id and metadata of the returned value are used. The function must not change its argument. If the function
   * throws or returns a Promise, the response fails. By default, events are sent unchanged.
   */
  readonly redact?: ((event: E) => Pick<Event, 'object' | 'key' | 'id' | 'metadata'> | undefined) | undefined;
  /**
   * Returns the JSON value that `/stream` sends for an event. By default, this value is a change message of the State
   * Protocol.
   *
   * @example
   * createFeed(store, { streamMessage: ({ object }) => object });
   */
  readonly streamMessage?: ((event: E) => unknown) | undefined;
  /**
   * Whether shared caches, such as a CDN, may store responses of `/stream`. With `private`, only the cache of the client may
   * store these responses. No cache may store responses of `/events`.
   *
   * @defaultValue `'private'`
   */
  readonly cache?: 'private' | 'public' | undefined;
  /**
   * Names of query parameters of `/events` that the host of the feed uses, for example an access token. All other unknown
   * parameters are refused with status 400.
   */
  readonly hostParameters?: readonly string[] | undefined;
  /**
   * Time after which a server-sent stream without an event sends a comment, in milliseconds. Because of the comment, proxies
   * do not close the connection. A comment can be sent earlier, by up to one fifteenth of this time.
   *
   * @defaultValue 15 000
   */
  readonly heartbeatInterval?: number | undefined;
  /**
   * Maximum time that a long poll of `/stream` waits for an event, in milliseconds.
   *
   * @defaultValue 20 000
   */
  readonly longPollTimeout?: number | undefined;
  /**
   * Time after which a server-sent stream of `/stream` ends, in milliseconds, so that caches can combine readers. The client
   * then connects again automatically. The stream can last up to one `heartbeatInterval` longer.
   *
   * @defaultValue 60 000
   */
  readonly streamDuration?: number | undefined;
}

type DefaultedOptions = Omit<FeedOptions, 'redact' | 'streamMessage'>;

/** Options with their defaults. */
export type ResolvedFeedOptions = {
  readonly [K in keyof DefaultedOptions]-?: Exclude<DefaultedOptions[K], undefined>;
} & Pick<FeedOptions, 'redact' | 'streamMessage'>;

export const DEFAULTS = {
  source: '/events',
  cache: 'private',
  hostParameters: [],
  heartbeatInterval: 15_000,
  longPollTimeout: 20_000,
  streamDuration: 60_000,
} as const;

export const FeedOptionsCodec = options("{ source: '/orders' }", {
  source: sourceCodec,
  redact: fn,
  streamMessage: fn,
  cache: oneOf("'private' or 'public'", ['private', 'public']),
  hostParameters: listOf(t.string, 'an array of strings'),
  heartbeatInterval: period,
  longPollTimeout: period,
  streamDuration: period,
});
