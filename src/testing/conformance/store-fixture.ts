import * as t from 'io-ts';
import type { EventStore, StoreOptions } from '../../index.ts';
import { fields, options } from '../../validation/options.ts';
import { fn } from '../../validation/types.ts';

/** One log to test: it is empty at first. */
export interface TestedStore {
  /** Opens it. After a close, one that lasts is opened again as it was, one that does not is empty. */
  open(options?: StoreOptions): EventStore | Promise<EventStore>;
  /** Removes all that is left of it; its stores were closed. */
  cleanup(): void | Promise<void>;
}

/** What sets engines apart. What one does not support is listed by the suite, not left out in silence. */
export interface StoreSupport {
  /** Events and checkpoints outlast `close`. */
  readonly reopen: boolean;
  /** The engine keeps dead letters. */
  readonly deadLetters: boolean;
  /** The engine keeps leases. */
  readonly leases: boolean;
  /** The engine takes events of another log, with their numbers and times. */
  readonly restoring: boolean;
  /** Several stores may be open on one log, be it in several processes, and hear of one another's appends. */
  readonly sharing: boolean;
  /** A batch is stored whole or not at all, and nobody else's events come in between. Default true. */
  readonly atomicBatches?: boolean;
  /** What is read is there at the subscription, so that virtual time moves whoever reads. Default true. */
  readonly synchronousReads?: boolean;
}

/** An engine, as the suite sees it. */
export interface StoreFixture {
  /** What it supports. */
  readonly supports: StoreSupport;
  /** Makes a log for a test. */
  create(): TestedStore | Promise<TestedStore>;
}

/** Names of all that may set engines apart; a suite requires those that it cannot assume. */
const supportProps: Readonly<Record<keyof StoreSupport, t.BooleanC>> = {
  reopen: t.boolean,
  deadLetters: t.boolean,
  leases: t.boolean,
  restoring: t.boolean,
  sharing: t.boolean,
  atomicBatches: t.boolean,
  synchronousReads: t.boolean,
};

/** Codec of the fixture of a suite that requires an answer to some of what sets engines apart. */
export const fixtureCodec = (required: readonly (keyof StoreSupport)[]) =>
  fields('a fixture { supports, create }', {
    supports: options(
      '{ reopen: false }',
      supportProps,
      Object.fromEntries(required.map((name) => [name, supportProps[name]])),
    ),
    create: fn,
  });

/** Opens the store of the test that is running; it is closed when the test ends. */
export type OpenStore = (options?: StoreOptions) => Promise<EventStore>;
