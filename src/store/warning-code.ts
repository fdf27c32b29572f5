/**
 * Code of a process warning of type `RxWatcherWarning`, which a store without a logger emits once per code and process.
 *
 * @see the guide "What is reported"
 */
export type WarningCode =
  | 'RX_WATCHER_APPENDS_UNNOTICED'
  | 'RX_WATCHER_CLOCK_AHEAD'
  | 'RX_WATCHER_CONNECTION_CLOSED'
  | 'RX_WATCHER_ERROR'
  | 'RX_WATCHER_EVENT_GIVEN_UP'
  | 'RX_WATCHER_FAILED'
  | 'RX_WATCHER_GARBAGE_COLLECTION_FAILED'
  | 'RX_WATCHER_LEASES_UNNOTICED'
  | 'RX_WATCHER_LOG_HELD_BY_CHECKPOINT'
  | 'RX_WATCHER_OPENING_BLOCKED'
  | 'RX_WATCHER_UNGUARDED_ENV';
