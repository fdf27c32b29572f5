/**
 * Durable, ordered event log inside a Node.js process, with watchers that are RxJS Observables.
 *
 * @module rx-watcher
 */

export type {
  DeadLetterCounts,
  DeadLetterRecord,
  DeadLetterTable,
  NewDeadLetter,
} from './engine/contract/dead-letter-table.ts';
export type {
  AppendResult,
  EventLog,
  LogBounds,
  LogPage,
  LogTransaction,
  ReadRequest,
  TrimRequest,
  TrimResult,
} from './engine/contract/event-log.ts';
export type { Lease, LeaseTable, NewLease } from './engine/contract/lease-table.ts';
export type { NewRecord, StoredRecord } from './engine/contract/record.ts';
export type { ReportTable } from './engine/contract/report-table.ts';
export * from './errors.ts';
export { type CloudEvent, toCloudEvent } from './event/cloud-event.ts';
export type { Event, EventHeader, RequestOf, StoreEventRequest, TransformedEvent } from './event/event.ts';
export { Operation } from './event/event.ts';
export type { EventContext } from './event/event-context.ts';
export type { EventFilter } from './event/event-filter.ts';
export {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  type EventIterator,
  formatIterator,
  latest,
  trimHorizon,
} from './event/event-iterator.ts';
export { fromCloudEvent } from './event/from-cloud-event.ts';
export { partitionOf } from './event/partition-of.ts';
export type { HandleMessage } from './handling/handle-channel.ts';
export { type HandleWithOptions, handleWith } from './handling/handle-with.ts';
export type {
  BatchHandler,
  BatchProgress,
  EventHandler,
  HandlerContext,
  HandlerTransaction,
  TransactionHandler,
} from './handling/handler.ts';
export type { Handled, Outcome, Skipped } from './handling/outcome.ts';
export type { RetryOptions } from './handling/retry-options.ts';
export type { RetryContext, RetryStrategy, RetryStrategyName } from './handling/retry-strategy.ts';
export { appendTo } from './operators/append-to.ts';
export { type BatchOptions, batch } from './operators/batch.ts';
export type { Progress } from './operators/checkpoint-to.ts';
export { checkpointTo } from './operators/checkpoint-to.ts';
export { filterEvents } from './operators/filter-events.ts';
export { type EventOfType, ofType } from './operators/of-type.ts';
export { type RetryWithBackoffOptions, retryWithBackoff } from './operators/retry-with-backoff.ts';
export type { BackoffOptions } from './scheduling/backoff.ts';
export type { AppendMessage } from './store/append/append-channel.ts';
export { type CopyOptions, type CopyProgress, copyLog } from './store/copy-log.ts';
export { createEventStore } from './store/create-event-store.ts';
export type { DeadLetter, DeadLetterRequest, SerializedError } from './store/dead-letter.ts';
export type {
  EventStore,
  EventsOptions,
  GarbageCollectionResult,
  GetEventsRequest,
  GetEventsResponse,
  StoreInternals,
  TransactionalEventStore,
  TransactionFunctions,
  TransactionWork,
} from './store/event-store.ts';
export { eventsIterable } from './store/events-iterable.ts';
export type { Backlog } from './store/monitoring/backlog.ts';
export type {
  ManagerReport,
  ManagerReports,
  ReportedPartitions,
  ReportedWatcher,
} from './store/monitoring/manager-reports.ts';
export type { StoreInfo } from './store/monitoring/store-info.ts';
export type { WatcherReport } from './store/monitoring/watcher-report.ts';
export type { WatcherState } from './store/monitoring/watcher-state.ts';
export type { Logger } from './store/reporting/logger.ts';
export type { Trouble } from './store/reporting/troubles.ts';
export type { Retention } from './store/retention/retention-policy.ts';
export type { Codecs, EventOf } from './store/serialization/codec-serializer.ts';
export { jsonSerializer } from './store/serialization/json-serializer.ts';
export { messagePackSerializer } from './store/serialization/message-pack-serializer.ts';
export type { Codec } from './store/serialization/object-codec.ts';
export type { Serializer } from './store/serialization/serializer.ts';
export type { StoreOptions } from './store/store-options.ts';
export { prometheusMetrics } from './telemetry/prometheus/prometheus-metrics.ts';
export type { LeaseOptions } from './watcher/lease/lease-options.ts';
export type { Health, HealthCheck, HealthOptions, HealthStatus } from './watcher/managed/health.ts';
export type { ManagerOptions } from './watcher/managed/manager.ts';
export { createManager, type Manager } from './watcher/managed/manager.ts';
export type { RedriveOptions } from './watcher/managed/redrive-command.ts';
export type { PartitionStats, StopOptions, Watcher, WatcherStats } from './watcher/managed/watcher.ts';
export { watch } from './watcher/watch.ts';
export type { CreateWatcherOptions, WatcherOptions, WatchOptions } from './watcher/watch-options.ts';
