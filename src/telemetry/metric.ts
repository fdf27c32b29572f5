/** Definition of a metric, for OpenTelemetry and for Prometheus. */
export interface Metric {
  /** Name, as in the semantic conventions of OpenTelemetry. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Unit in UCUM notation: `s`, `By`, or the name of the counted items, as in `{event}`. */
  readonly unit: string;
  readonly description: string;
  /** Upper bounds of the buckets of a histogram. */
  readonly boundaries?: readonly number[];
}

/** Attributes of a measurement, which become labels in Prometheus. */
export type Attributes = Readonly<Record<string, string>>;

/** Names of the attributes of metrics and spans. */
export const ATTRIBUTES = {
  system: 'messaging.system',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  /** Id of the watcher. */
  watcher: 'messaging.consumer.group.name',
  errorType: 'error.type',
  state: 'rx_watcher.state',
} as const;

/** Value of the attribute `messaging.system`. */
export const SYSTEM = 'rx_watcher';

/** Metrics of a store and its watchers, by the key that this library uses. */
export const METRICS = {
  processDuration: {
    name: 'messaging.process.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of an attempt of a handler, from its call until it has settled.',
    boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  sentMessages: {
    name: 'messaging.client.sent.messages',
    kind: 'counter',
    unit: '{message}',
    description: 'Events that were appended by this process, or that could not be appended.',
  },
  consumedMessages: {
    name: 'messaging.client.consumed.messages',
    kind: 'counter',
    unit: '{message}',
    description: 'Events that were delivered to a handler; retries are not counted.',
  },
  appendDuration: {
    name: 'rx_watcher.append.duration',
    kind: 'histogram',
    unit: 's',
    description: 'Duration of an append, from the call until the events are durable.',
    boundaries: [
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ],
  },
  retries: {
    name: 'rx_watcher.retries',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts of a handler after the first attempt at an event.',
  },
  lag: {
    name: 'rx_watcher.lag',
    kind: 'gauge',
    unit: '{event}',
    description: 'Events between the checkpoint of a watcher and the end of the log.',
  },
  lagTime: {
    name: 'rx_watcher.lag_time',
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest stored event after the checkpoint of a watcher.',
  },
  state: {
    name: 'rx_watcher.state',
    kind: 'gauge',
    unit: '1',
    description: 'State of a watcher: 1 for its current state, 0 for each other state.',
  },
  deadLetters: {
    name: 'rx_watcher.dead_letters',
    kind: 'gauge',
    unit: '{event}',
    description: 'Dead letters of a watcher in the store.',
  },
  logSize: {
    name: 'rx_watcher.log.size',
    kind: 'gauge',
    unit: 'By',
    description: 'Approximate size of the events of the store.',
  },
  lease: {
    name: 'rx_watcher.lease',
    kind: 'gauge',
    unit: '1',
    description: '1 while this process holds the lease of a watcher, 0 otherwise.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricKey = keyof typeof METRICS;
