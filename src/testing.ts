/**
 * What tests need: of pipelines on a store, and of an engine.
 *
 * @module rx-watcher/testing
 */
export { describeEventLog } from './testing/conformance/describe-event-log.ts';
export { describeEventStore } from './testing/conformance/describe-event-store.ts';
export type { LogFixture, TestedLog } from './testing/conformance/log-fixture.ts';
export type { TestRunner } from './testing/conformance/runner.ts';
export type { StoreFixture, StoreSupport, TestedStore } from './testing/conformance/store-fixture.ts';
