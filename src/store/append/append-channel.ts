import type { Event, StoreEventRequest } from '../../event/event.ts';
import type { Metadata } from '../../event/event-context.ts';
import type { EventStore } from '../event-store.ts';
import { channelOf } from '../reporting/channel.ts';

/**
 * Message of the tracing channel `rx-watcher:append` of `node:diagnostics_channel`. `storeEvent` and `storeEvents` publish
 * it at `start` and `end` of the call, and at `asyncStart` and `asyncEnd` when the append is durable or has failed. All
 * messages of one append are the same object. For the `storeEvent` of a transaction, `asyncStart` and `asyncEnd` are
 * published when the transaction is durable or has failed.
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
   * Metadata to add to the events, for example `traceparent`; set by a subscriber of `start`. A request keeps its metadata
   * unchanged if it already has one of the names, or if its metadata would become invalid.
   */
  metadata?: Readonly<Record<string, string>>;
  /** Value with which the call resolves; set before `asyncStart`. */
  result?: unknown;
  /** Error with which the call rejects; set before `error`. */
  error?: unknown;
}

const channel = channelOf<AppendMessage>('rx-watcher:append');

function publishResult(message: AppendMessage, result: unknown): void {
  message.result = result;
  channel.asyncStart.publish(message);
  channel.asyncEnd.publish(message);
}

function publishError(message: AppendMessage, error: unknown): void {
  message.error = error;
  channel.error.publish(message);
  channel.asyncStart.publish(message);
  channel.asyncEnd.publish(message);
}

/** Publisher of the result or the error of one append on the channel `rx-watcher:append`. */
export class AppendPublisher {
  readonly #message: AppendMessage;

  constructor(message: AppendMessage) {
    this.#message = message;
  }

  /** Metadata that a subscriber wants to add to the events. */
  get metadata(): Metadata {
    return this.#message.metadata;
  }

  /** Publishes and returns the result of `convert`. If `convert` throws, publishes and throws the error. */
  resolved<T>(convert: () => T): T {
    let result: T;
    try {
      result = convert();
    } catch (error) {
      return this.rejected(error);
    }
    publishResult(this.#message, result);
    return result;
  }

  /** Publishes and throws the error. */
  rejected(error: unknown): never {
    publishError(this.#message, error);
    throw error;
  }
}

/**
 * Calls `append`, and publishes the start and the end of the call if the channel has subscribers.
 *
 * This function does not use `tracePromise` of Node.js, which creates a second Promise and thereby takes longer than
 * publishing the messages.
 *
 * @param requests - Requests as the caller passed them; not a list if the caller passed another value by mistake.
 * @param append - Function that appends the events, and publishes the end of the append with the given publisher. Without
 *   subscribers, the publisher is `undefined`. If the function throws, its error is published.
 */
export function publishAppend<T>(
  store: EventStore,
  requests: unknown,
  append: (publisher?: AppendPublisher) => Promise<T>,
): Promise<T> {
  if (!channel.hasSubscribers) return append();
  const message: AppendMessage = {
    store,
    requests: (Array.isArray(requests) ? requests : [requests]) as readonly StoreEventRequest[],
  };
  let appended: Promise<T>;
  try {
    appended = channel.start.runStores(message, append, undefined, new AppendPublisher(message));
  } catch (error) {
    channel.end.publish(message);
    publishError(message, error);
    return Promise.reject(error);
  }
  channel.end.publish(message);
  return appended;
}

/** Publishes the messages of the appends in one transaction. */
export class TransactionAppends {
  readonly #store: EventStore;
  #pending: { readonly message: AppendMessage; readonly event: Event }[] = [];

  constructor(store: EventStore) {
    this.#store = store;
  }

  /**
   * Called before each call of the work function. Discards the appends of an earlier call, because the engine can roll a
   * transaction back and call the work function again.
   */
  begin(): void {
    this.#pending = [];
  }

  /**
   * Calls `storeEvent`, and publishes the start and the end of the call if the channel has subscribers.
   *
   * @param storeEvent - Stores the event inside the transaction, and returns it. Receives the metadata to add to the event.
   */
  publish(request: unknown, storeEvent: (metadata?: Metadata) => Event): Event {
    if (!channel.hasSubscribers) return storeEvent();
    const message: AppendMessage = { store: this.#store, requests: [request as StoreEventRequest] };
    try {
      const event = channel.start.runStores(message, () => storeEvent(message.metadata));
      channel.end.publish(message);
      this.#pending.push({ message, event });
      return event;
    } catch (error) {
      channel.end.publish(message);
      publishError(message, error);
      throw error;
    }
  }

  /** Publishes the end of the appends when the transaction has ended. */
  endWith(transaction: Promise<unknown>): void {
    if (!channel.hasSubscribers) return;
    transaction.then(
      () => {
        for (const { message, event } of this.#pending) publishResult(message, event);
      },
      (error) => this.fail(error),
    );
  }

  /** Publishes the error of a failed transaction for each of its appends. */
  fail(error: unknown): void {
    for (const { message } of this.#pending) publishError(message, error);
  }
}
