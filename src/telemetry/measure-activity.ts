import { Subscription } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { HandleMessage } from '../handling/handle-channel.ts';
import { clockOf } from '../scheduling/clock.ts';
import type { AppendMessage } from '../store/append/append-channel.ts';
import type { EventStore } from '../store/event-store.ts';
import { errorTypeOf } from './error-type.ts';
import { ATTRIBUTES, type Attributes, type MetricKey, SYSTEM } from './metric.ts';
import { onMessage } from './on-message.ts';

/** Records one measurement of a counter or a histogram. */
export type RecordMeasurement = (metric: MetricKey, value: number, attributes: Attributes) => void;

const withErrorType = (attributes: Attributes, errorType: string | undefined): Attributes =>
  errorType === undefined ? attributes : { ...attributes, [ATTRIBUTES.errorType]: errorType };

/** Returns the value of `error.type` for an attempt; `undefined` if the handler has succeeded. */
const attemptErrorType = ({ outcome, error }: HandleMessage): string | undefined => {
  if (outcome === 'handled') return undefined;
  return outcome === 'abandoned' ? outcome : errorTypeOf(error);
};

/** Attributes of appends. */
export const APPEND_ATTRIBUTES: Attributes = {
  [ATTRIBUTES.system]: SYSTEM,
  [ATTRIBUTES.operation]: 'append',
};

/** Returns the attributes of the attempts of a watcher. */
export const handleAttributes = (watcherId: string): Attributes => ({
  [ATTRIBUTES.system]: SYSTEM,
  [ATTRIBUTES.operation]: 'handle',
  [ATTRIBUTES.watcher]: watcherId,
});

/**
 * Measures the appends and attempts of a store, until the returned subscription is unsubscribed.
 *
 * @param record - Called with each measurement.
 */
export function measureActivity<E extends Event>(
  store: EventStore<E>,
  record: RecordMeasurement,
): Subscription {
  const now = clockOf(store.internals.scheduler);
  const starts = new WeakMap<object, number>();
  const start = (message: object) => void starts.set(message, now());
  /** Returns the time since the start, in seconds; `undefined` if the start was not measured. */
  const secondsSinceStart = (message: object): number | undefined => {
    const began = starts.get(message);
    return began === undefined ? undefined : Math.max(0, now() - began) / 1000;
  };

  const subscription = new Subscription();
  subscription.add(onMessage('append', 'start', store, start));
  subscription.add(
    onMessage('append', 'asyncEnd', store, (message: AppendMessage) => {
      const seconds = secondsSinceStart(message);
      if (seconds === undefined) return;
      const attributes = withErrorType(
        APPEND_ATTRIBUTES,
        'error' in message ? errorTypeOf(message.error) : undefined,
      );
      record('sentMessages', message.requests.length, attributes);
      record('appendDuration', seconds, attributes);
    }),
  );
  subscription.add(
    onMessage('handle', 'start', store, (message: HandleMessage) => {
      start(message);
      const attributes = handleAttributes(message.watcherId);
      if (message.attempt > 1) record('retries', 1, attributes);
      else record('consumedMessages', message.events.length, attributes);
    }),
  );
  subscription.add(
    onMessage('handle', 'asyncEnd', store, (message: HandleMessage) => {
      const seconds = secondsSinceStart(message);
      if (seconds === undefined) return;
      const attributes = handleAttributes(message.watcherId);
      record('processDuration', seconds, withErrorType(attributes, attemptErrorType(message)));
    }),
  );
  return subscription;
}
