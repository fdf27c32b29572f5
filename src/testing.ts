/**
 * Tools for tests of pipelines and watchers, and conformance suites for engines and stores.
 *
 * @module rx-watcher/testing
 */

export { event, request } from './testing/builders.ts';
export { describeEventLog } from './testing/conformance/describe-event-log.ts';
export { describeEventStore } from './testing/conformance/describe-event-store.ts';
export type { LogFixture, TestedLog } from './testing/conformance/log-fixture.ts';
export type { TestRunner } from './testing/conformance/runner.ts';
export type { StoreFixture, StoreSupport, TestedStore } from './testing/conformance/store-fixture.ts';
export { type FaultyMethod, faultyStore, type StoreFault } from './testing/faulty-store.ts';
export { contentsOf, formatEvent, formatOutcome, statesOf } from './testing/formatters.ts';
export { LogModel, type PageQuery } from './testing/log-model.ts';
export { assertMarbles } from './testing/marbles.ts';
export { playRequests } from './testing/play-requests.ts';
export { dumpEvents, loadEvents } from './testing/recorded-log.ts';
export {
  type CheckpointedStore,
  type StoredCheckpoint,
  withCheckpoints,
} from './testing/with-checkpoints.ts';
