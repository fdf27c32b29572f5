import * as t from 'io-ts';
import type { EventStore, StoreOptions } from '../../index.ts';
import { fields, options } from '../../validation/options.ts';
import { fn } from '../../validation/types.ts';

/** Log of one test of {@link describeEventStore}. */
export interface TestedStore {
  /**
   * Opens a store on the log.
   *
   * If the engine supports `reopen`, a store that is opened after a close holds the same events. Otherwise the reopened store
   * is empty.
   */
  open(options?: StoreOptions): EventStore | Promise<EventStore>;
  /** Removes the log. Called when all its stores are closed. */
  cleanup(): void | Promise<void>;
}

/**
 * Features of an engine. For each feature that is not supported, the suite declares a test that only names the feature, so
 * that test reports show the gap.
 */
export interface StoreSupport {
  /** Whether events and checkpoints are durable. If so, a store that is opened after `close` must hold them. */
  readonly reopen: boolean;
  /** Whether the engine stores dead letters. */
  readonly deadLetters: boolean;
  /** Whether the engine stores leases. */
  readonly leases: boolean;
  /** Whether the engine imports records of another log without a change of their numbers and timestamps. */
  readonly importing: boolean;
  /** Whether several stores, even of several processes, can be open on one log and detect the appends of each other. */
  readonly sharing: boolean;
  /**
   * Whether the engine has transactions, which transaction handlers require.
   *
   * @defaultValue false
   */
  readonly transactions?: boolean;
  /**
   * Whether the engine stores the reports of managers. Without them, other processes cannot see the states of watchers.
   *
   * @defaultValue false
   */
  readonly reports?: boolean;
  /**
   * Whether a batch append is atomic, and its events have contiguous numbers.
   *
   * @defaultValue true
   */
  readonly atomicBatches?: boolean;
  /**
   * Whether a read emits synchronously at subscription. Only then can tests on the engine use virtual time.
   *
   * @defaultValue true
   */
  readonly synchronousReads?: boolean;
  /**
   * Whether the log remembers an id exactly as long as it holds the event, including an imported event. Otherwise the engine
   * remembers an id for a time after the append.
   *
   * @defaultValue true
   */
  readonly exactIds?: boolean;
}

/** Store under test of {@link describeEventStore}. */
export interface StoreFixture {
  /** Features that the engine supports. */
  readonly supports: StoreSupport;
  /** Creates an empty log. Called before each test. */
  create(): TestedStore | Promise<TestedStore>;
}

const supportProps: Readonly<Record<keyof StoreSupport, t.BooleanC>> = {
  reopen: t.boolean,
  deadLetters: t.boolean,
  leases: t.boolean,
  importing: t.boolean,
  sharing: t.boolean,
  transactions: t.boolean,
  reports: t.boolean,
  atomicBatches: t.boolean,
  synchronousReads: t.boolean,
  exactIds: t.boolean,
};

/** Returns the codec of a fixture with required features. */
export const fixtureCodec = (required: readonly (keyof StoreSupport)[]) =>
  fields('a fixture { supports, create }', {
    supports: options(
      '{ reopen: false }',
      supportProps,
      Object.fromEntries(required.map((name) => [name, supportProps[name]])),
    ),
    create: fn,
  });

/** Opens a store on the log of the current test. The suite closes the store after the test. */
export type OpenStore = (options?: StoreOptions) => Promise<EventStore>;
