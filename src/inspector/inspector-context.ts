import { reporterOf } from '../store/reporting/logger.ts';
import { textOf } from '../validation/format-value.ts';
import type { ResolvedInspectorOptions } from './inspector-options.ts';
import { createRedaction, type Redaction } from './redaction.ts';

/** Options and functions that all resources of an inspector share. */
export interface InspectorContext extends ResolvedInspectorOptions {
  /** Removes the parts of events and errors that the host hides. */
  readonly redaction: Redaction;
  /** Returns the time by the clock of the store, in milliseconds since 1970. */
  readonly now: () => number;
  /** Reports an unexpected error, which no response shows, to the logger of the store. */
  readonly report: (error: unknown) => void;
}

export const createContext = (options: ResolvedInspectorOptions): InspectorContext => ({
  ...options,
  redaction: createRedaction(options),
  now: () => options.store.internals.scheduler.now(),
  report: (error) =>
    reporterOf(options.store.internals.logger).error(`inspector: a response has failed: ${textOf(error)}`),
});
