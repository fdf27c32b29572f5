/**
 * Metrics and traces of a store and its watchers, for OpenTelemetry.
 *
 * @module rx-watcher/opentelemetry
 */
export { type InstrumentOptions, instrument } from './telemetry/opentelemetry/instrument.ts';
export type { Propagation } from './telemetry/opentelemetry/trace-activity.ts';
