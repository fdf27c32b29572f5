import type { ResolvedInspectorOptions } from './inspector-options.ts';
import { createRedaction, type Redaction } from './redaction.ts';

/** Options and functions that all resources of an inspector share. */
export interface InspectorContext extends ResolvedInspectorOptions {
  /** Removes the parts of events and errors that the host hides. */
  readonly redaction: Redaction;
  /** Returns the time by the clock of the store, in milliseconds since 1970. */
  readonly now: () => number;
}

/** Creates the context of an inspector. */
export const createContext = (options: ResolvedInspectorOptions): InspectorContext => ({
  ...options,
  redaction: createRedaction(options),
  now: () => options.store.internals.scheduler.now(),
});
