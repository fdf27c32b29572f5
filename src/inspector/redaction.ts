import { types } from 'node:util';
import type { Event } from '../event/event.ts';
import type { SerializedError } from '../store/dead-letter.ts';
import { reporterOf } from '../store/reporting/logger.ts';
import type { ShownError } from './api.ts';
import type { ErrorSource, ResolvedInspectorOptions } from './inspector-options.ts';

/** Parts of an event that `redact` can hide or replace. */
export type ShownParts = Partial<Pick<Event, 'object' | 'key' | 'id' | 'metadata'>>;

/** Removes the parts of events and errors that the host of an inspector hides. */
export interface Redaction {
  /** Returns the parts of an event that are shown; `undefined` if all parts are hidden. */
  event(event: Event): ShownParts | undefined;
  /** Returns an error as it is shown. It contains the stack only if `withStack` is `true`. */
  error(error: SerializedError, source: ErrorSource, withStack?: boolean): ShownError;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !types.isPromise(value);

const hiddenError = ({ name, code }: SerializedError): ShownError => ({
  name,
  ...(code !== undefined && { code }),
  hidden: true,
});

const shownError = ({ name, message, code, stack }: SerializedError, withStack: boolean): ShownError => ({
  name,
  message,
  ...(code !== undefined && { code }),
  ...(withStack && stack !== undefined && { stack }),
});

/**
 * Creates the redaction of an inspector. If a function of the host fails, the event or the error is hidden. The first
 * failure of each function is reported to the logger of the store.
 */
export function createRedaction({ store, redact, redactError }: ResolvedInspectorOptions): Redaction {
  const reported = new Set<string>();
  const reportFailure = (name: 'redact' | 'redactError', subject: string) => {
    if (reported.has(name)) return;
    reported.add(name);
    // The message does not contain the error, because the error can contain parts of the event that must not be shown.
    reporterOf(store.internals.logger).error(
      `option ${name} of the inspector must not throw or return a Promise; ${subject} and further ones are hidden`,
    );
  };
  /** Calls a function of the host. Returns `undefined` if the function hides the value or fails. */
  const call = <T extends object>(
    name: 'redact' | 'redactError',
    subject: string,
    work: () => T | undefined,
  ): T | undefined => {
    try {
      const shown = work();
      if (isObject(shown)) return shown;
      if (shown !== undefined) reportFailure(name, subject);
    } catch {
      reportFailure(name, subject);
    }
    return undefined;
  };

  return {
    event(event) {
      const shown =
        redact === undefined ? event : call('redact', `event ${event.seqNum}`, () => redact(event));
      if (shown === undefined) return undefined;
      const { object, key, id, metadata } = shown;
      return {
        object,
        ...(key !== undefined && { key }),
        ...(id !== undefined && { id }),
        ...(metadata !== undefined && { metadata }),
      };
    },
    error(error, source, withStack = false) {
      if (redactError === undefined) {
        return redact === undefined ? shownError(error, withStack) : hiddenError(error);
      }
      const shown = call('redactError', `an error of the class ${error.name}`, () =>
        redactError(error, source),
      );
      return shown === undefined ? hiddenError(error) : shownError(shown, withStack);
    },
  };
}
