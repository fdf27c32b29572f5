import { printable } from '../../validation/format-value.ts';

/**
 * Code of a process warning of type `RxWatcherWarning`, which a store without a logger emits once per code and process.
 *
 * @see [Logs and warnings](../../../docs/guides/logs-and-warnings.md)
 */
export type WarningCode =
  | 'RX_WATCHER_APPENDS_UNNOTICED'
  | 'RX_WATCHER_BLOCKED_BY_EVENT'
  | 'RX_WATCHER_CLOCK_AHEAD'
  | 'RX_WATCHER_CONNECTION_CLOSED'
  | 'RX_WATCHER_ERROR'
  | 'RX_WATCHER_EVENT_GIVEN_UP'
  | 'RX_WATCHER_FAILED'
  | 'RX_WATCHER_GARBAGE_COLLECTION_FAILED'
  | 'RX_WATCHER_LEASES_UNNOTICED'
  | 'RX_WATCHER_LEASE_IGNORED'
  | 'RX_WATCHER_LOG_HELD_BY_CHECKPOINT'
  | 'RX_WATCHER_OPENING_BLOCKED'
  | 'RX_WATCHER_STORE_CALL_FAILED'
  | 'RX_WATCHER_UNGUARDED_ENV';

/** Receiver of the library's log messages, for example `console` or a pino logger. Control characters are escaped. */
export interface Logger {
  /** Detail that helps to analyze a problem. */
  debug(message: string): void;
  /** Normal event: for example, a watcher starts, stops, or acquires its lease. */
  info(message: string): void;
  /** Failure after which the library continues: an attempt that is retried, an event that is given up. */
  warn(message: string): void;
  /** Failure that needs action: a watcher that has failed, appends that are no longer detected. */
  error(message: string): void;
}

/** Logger as the library calls it. Without a logger, a message with a `code` becomes a process warning with this code. */
export interface Reporter extends Logger {
  warn(message: string, code?: WarningCode): void;
  error(message: string, code?: WarningCode): void;
}

/** Codes of the warnings that this process has emitted. */
const emitted = new Set<WarningCode>();

function emitOnce(message: string, code: WarningCode): void {
  if (emitted.has(code)) return;
  emitted.add(code);
  process.emitWarning(printable(message), { type: 'RxWatcherWarning', code });
}

/** Default logger: emits the first message of each code as a process warning, and ignores messages without a code. */
export const processWarnings: Reporter = {
  debug() {},
  info() {},
  warn(message, code) {
    if (code !== undefined) emitOnce(message, code);
  },
  error: (message, code = 'RX_WATCHER_ERROR') => emitOnce(message, code),
};

/**
 * Returns a reporter that passes messages to the logger of the application, and ignores errors that this logger throws.
 * Without a logger, returns `processWarnings`.
 */
export function reporterOf(logger: Logger | undefined): Reporter {
  if (logger === undefined || logger === processWarnings) return processWarnings;
  const safely =
    (level: keyof Logger) =>
    (message: string): void => {
      try {
        logger[level](printable(message));
      } catch {
        // There is no other place to report the error.
      }
    };
  return { debug: safely('debug'), info: safely('info'), warn: safely('warn'), error: safely('error') };
}
