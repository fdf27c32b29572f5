import type { StoreEventRequest } from '../../event/event.ts';
import type { Metadata } from '../../event/event-context.ts';
import { promiseTry } from '../../scheduling/promise-try.ts';
import type { EventStore } from '../event-store.ts';
import { channelOf } from '../reporting/channel.ts';

/**
 * Message of the tracing channel `rx-watcher:append` of `node:diagnostics_channel`. `storeEvent` and `storeEvents` publish
 * it at `start` and `end` of the call, and at `asyncStart` and `asyncEnd` when the append is durable or has failed. All
 * messages of one append are the same object.
 *
 * @see [Metrics and traces](../../../docs/guides/metrics-and-traces.md)
 * @example
 * tracingChannel('rx-watcher:append').asyncEnd.subscribe(({ requests, error }) => count(requests.length, error));
 */
export interface AppendMessage {
  /** Store of the append. A store can be wrapped, so compare its `internals` to identify it. */
  readonly store: EventStore;
  /** Requests of the append, as the caller passed them, before validation. */
  readonly requests: readonly StoreEventRequest[];
  /**
   * Metadata to add to the events, for example `traceparent`; set by a subscriber of `start`. A request that has one of the
   * names keeps its metadata unchanged, and so does a request for which the metadata would become invalid.
   */
  metadata?: Readonly<Record<string, string>>;
  /** Value with which the call resolves; set before `asyncStart`. */
  result?: unknown;
  /** Error with which the call rejects; set before `error`. */
  error?: unknown;
}

const channel = channelOf<AppendMessage>('rx-watcher:append');

/** Publishes the end of an append. */
function publishEnd(message: AppendMessage): void {
  channel.asyncStart.publish(message);
  channel.asyncEnd.publish(message);
}

/**
 * Makes an append, and publishes its messages if the channel has subscribers.
 *
 * `tracePromise` of the channel would do the same, but would return another Promise, which takes longer than the messages.
 *
 * @param requests - Requests as the caller passed them; not a list if the caller passed another value by mistake.
 * @param append - Receives the metadata to add to the events.
 */
export function publishAppend<T>(
  store: EventStore,
  requests: unknown,
  append: (metadata?: Metadata) => Promise<T>,
): Promise<T> {
  if (!channel.hasSubscribers) return append();
  const message: AppendMessage = {
    store,
    requests: (Array.isArray(requests) ? requests : [requests]) as readonly StoreEventRequest[],
  };
  const appended: Promise<T> = channel.start.runStores(message, () =>
    promiseTry(() => append(message.metadata)),
  );
  channel.end.publish(message);
  appended.then(
    (result) => {
      message.result = result;
      publishEnd(message);
    },
    (error) => {
      message.error = error;
      channel.error.publish(message);
      publishEnd(message);
    },
  );
  return appended;
}
