import { Subscription } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { HandleMessage } from '../handling/handle-channel.ts';
import { clockOf } from '../scheduling/clock.ts';
import type { AppendMessage } from '../store/append/append-channel.ts';
import type { EventStore } from '../store/event-store.ts';
import type { AttributeSets } from './attribute-sets.ts';
import { errorTypeOf } from './error-type.ts';
import type { Attributes, MetricKey } from './metric.ts';
import { onMessage } from './on-message.ts';

/** Records one measurement of a counter or a histogram. Calls with equal attributes pass the same object, as a key for a map. */
export type Recorder = (value: number, attributes: Attributes) => void;

/** Keys of the metrics of appends and attempts. */
type MeasuredKey = 'sentMessages' | 'appendDuration' | 'consumedMessages' | 'retries' | 'processDuration';

/**
 * Recorder of each metric. The recorders are looked up once, because a lookup at each measurement would take longer than the
 * measurement.
 */
export type Recorders = Readonly<Record<MeasuredKey & MetricKey, Recorder>>;

/**
 * Property in which a message holds the start time of its append or attempt. A `WeakMap` would be slow for keys that live as
 * short as messages.
 */
const STARTED = Symbol('started');
type Timed<M> = M & { [STARTED]?: number };

/**
 * Returns the value of `error.type` of an attempt: the name of the class of its error. The value is an empty string if the
 * attempt has succeeded, and `abandoned` if the run of the watcher ended before the handler.
 */
const attemptErrorType = ({ outcome, error }: HandleMessage): string => {
  if (outcome === 'handled') return '';
  return outcome === 'abandoned' ? outcome : errorTypeOf(error);
};

/**
 * Measures the appends to a store and the attempts of its handlers, until the returned subscription is unsubscribed.
 *
 * @param attributesOf - Source of the attributes of the measurements.
 * @param recorders - Called with each measurement.
 */
export function measureActivity<E extends Event>(
  store: EventStore<E>,
  attributesOf: AttributeSets,
  recorders: Recorders,
): Subscription {
  const now = clockOf(store.internals.scheduler);
  const secondsSince = (started: number): number => Math.max(0, now() - started) / 1000;

  const subscription = new Subscription();
  subscription.add(
    onMessage('append', 'start', store, (message: Timed<AppendMessage>) => {
      message[STARTED] = now();
    }),
  );
  subscription.add(
    onMessage('append', 'asyncEnd', store, (message: Timed<AppendMessage>) => {
      const started = message[STARTED];
      if (started === undefined) return;
      const errorType = 'error' in message ? errorTypeOf(message.error) : '';
      recorders.sentMessages(message.requests.length, attributesOf.append(errorType));
      recorders.appendDuration(secondsSince(started), attributesOf.error(errorType));
    }),
  );
  subscription.add(
    onMessage('handle', 'start', store, (message: Timed<HandleMessage>) => {
      const { attempt, events, watcherId } = message;
      message[STARTED] = now();
      if (attempt > 1) recorders.retries(1, attributesOf.handle(watcherId, ''));
      else recorders.consumedMessages(events.length, attributesOf.handle(watcherId, ''));
    }),
  );
  subscription.add(
    onMessage('handle', 'asyncEnd', store, (message: Timed<HandleMessage>) => {
      const started = message[STARTED];
      if (started === undefined) return;
      const attributes = attributesOf.handle(message.watcherId, attemptErrorType(message));
      recorders.processDuration(secondsSince(started), attributes);
    }),
  );
  return subscription;
}
