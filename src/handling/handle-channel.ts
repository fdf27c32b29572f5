import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import { channelOf } from '../store/reporting/channel.ts';
import type { HandlerCall } from './handler-call.ts';
import type { AttemptContext } from './handling-context.ts';

/**
 * Message of the tracing channel `rx-watcher:handle` of `node:diagnostics_channel`. Each attempt of a handler publishes it on
 * the channels `start` and `end` around the call. When the attempt has ended, it is published on `asyncStart` and `asyncEnd`,
 * even if the handler is synchronous, and before that on `error` if the attempt has failed. All messages of one attempt are
 * the same object.
 *
 * @see [Metrics and traces](../../docs/guides/metrics-and-traces.md)
 * @example
 * tracingChannel('rx-watcher:handle').error.subscribe(({ watcherId, error }) => count(watcherId, error));
 */
export interface HandleMessage {
  /** Store of the watcher; `undefined` for `handleWith`. A store can be wrapped, so compare its `internals` to identify it. */
  readonly store: EventStore | undefined;
  /** Id of the watcher, or the option `watcherId` of `handleWith`. */
  readonly watcherId: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Event of the attempt, or the events of its batch. */
  readonly events: readonly Event[];
  /**
   * Calls `work`, which calls the handler and subscribes to its result. A subscriber of `start` can replace this function
   * by one that calls the previous function in another asynchronous context. The function must call `work` once,
   * synchronously.
   */
  within: (work: () => void) => void;
  /** Outcome of the attempt; set before the channel `asyncStart`. An attempt is abandoned when its run ends before the handler. */
  outcome?: 'handled' | 'failed' | 'abandoned';
  /** Error of a failed attempt; set before the message is published on the channel `error`. */
  error?: unknown;
}

const channel = channelOf<HandleMessage>('rx-watcher:handle');

/** Default of `within`. All messages use the same function, so that no message needs a new closure. */
const callDirectly = (work: () => void): void => work();

/** Publishes the messages of one attempt. */
export class HandlePublisher {
  static readonly #callWithin = ({ within }: HandleMessage, work: () => void): void => within(work);

  readonly #message: HandleMessage;
  #isCalling = false;

  private constructor(message: HandleMessage) {
    this.#message = message;
  }

  /** Creates the publisher of an attempt; `undefined` if the channel has no subscriber. */
  static of({ store, watcherId }: AttemptContext, call: HandlerCall, attempt: number) {
    if (!channel.hasSubscribers) return undefined;
    const events = (Array.isArray(call.argument) ? call.argument : [call.argument]) as readonly Event[];
    return new HandlePublisher({
      store: store as EventStore | undefined,
      watcherId,
      attempt,
      events,
      within: callDirectly,
    });
  }

  /** Calls `work`, which calls the handler, in the asynchronous contexts that subscribers of the channel provide. */
  call(work: () => void): void {
    const message = this.#message;
    this.#isCalling = true;
    try {
      channel.start.runStores(message, HandlePublisher.#callWithin, undefined, message, work);
    } finally {
      this.#isCalling = false;
      channel.end.publish(message);
      if (message.outcome !== undefined) this.#publishEnd();
    }
  }

  /**
   * Publishes the end of the attempt. If the call of the handler has not returned, publishes it after the end of the call.
   */
  ended(outcome: NonNullable<HandleMessage['outcome']>, failure?: { readonly error: unknown }): void {
    const message = this.#message;
    message.outcome = outcome;
    if (failure !== undefined) message.error = failure.error;
    if (!this.#isCalling) this.#publishEnd();
  }

  #publishEnd(): void {
    const message = this.#message;
    if (message.outcome === 'failed') channel.error.publish(message);
    channel.asyncStart.publish(message);
    channel.asyncEnd.publish(message);
  }
}
