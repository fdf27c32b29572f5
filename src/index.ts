/**
 * A durable, ordered event log inside a Node process, watched through RxJS.
 *
 * @module rx-watcher
 */
export * from './errors.ts';
export type { Event, EventHeader, RequestOf, StoreEventRequest } from './event/event.ts';
export type { EventFilter } from './event/event-filter.ts';
export {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  type EventIterator,
  latest,
  showIterator,
  trimHorizon,
} from './event/event-iterator.ts';
export { Operation } from './event/operation.ts';
export type {
  BatchHandler,
  BatchProgress,
  EventHandler,
  HandlerContext,
  OrNothing,
} from './handling/event-handler.ts';
export { type HandleWithOptions, handleWith } from './handling/handle-with.ts';
export type { Handled, Outcome, Skipped } from './handling/outcome.ts';
export type { RetryOptions } from './handling/retry-options.ts';
export type { RetryContext, RetryStrategy, RetryStrategyName } from './handling/retry-strategy.ts';
export { appendTo } from './operators/append-to.ts';
export { type BatchOptions, batch } from './operators/batch.ts';
export { checkpointTo } from './operators/checkpoint-to.ts';
export { filterEvents } from './operators/filter-events.ts';
export { type EventOfType, ofType } from './operators/of-type.ts';
export type { Progress } from './operators/progress-of.ts';
export { type RetryWithBackoffOptions, retryWithBackoff } from './operators/retry-with-backoff.ts';
export type { Retention, TrimRequest } from './retention/next-trim.ts';
export type { BackoffOptions } from './retry/backoff.ts';
export type { Codecs, EventOf } from './store/codecs.ts';
export { type CopyOptions, type CopyProgress, copyLog } from './store/copy-log.ts';
export { createEventStore } from './store/create-event-store.ts';
export type { DeadLetter, DeadLetterRequest, LetterError } from './store/dead-letter.ts';
export type { DeadLetterLog, LetterDraft, StoredLetter } from './store/dead-letter-log.ts';
export type { Appended, EventLog, LogBounds, LogPage, ReadRequest, Trimmed } from './store/event-log.ts';
export type {
  EventStore,
  EventsOptions,
  GarbageCollected,
  GetEventsRequest,
  GetEventsResponse,
} from './store/event-store.ts';
export { jsonSerializer } from './store/json-serializer.ts';
export type { Lease, LeaseDraft, LeaseLog } from './store/lease-log.ts';
export type { Logger } from './store/logger.ts';
export { messagePackSerializer } from './store/message-pack-serializer.ts';
export type { PayloadTexts, RecordDraft, StoredRecord } from './store/record.ts';
export type { Serializer } from './store/serializer.ts';
export type { StoreOptions } from './store/store-options.ts';
export type { Trouble } from './store/trouble.ts';
export { createManager, type Manager } from './watcher/create-manager.ts';
export type { LeaseOptions } from './watcher/lease-options.ts';
export type { ManagerOptions } from './watcher/manager-options.ts';
export type { RedriveOptions } from './watcher/redrive.ts';
export { watch } from './watcher/watch.ts';
export type { WatchOptions } from './watcher/watch-options.ts';
export type { StopOptions, Watcher } from './watcher/watcher.ts';
export type { WatcherState, WatcherStats } from './watcher/watcher-stats.ts';
