import { hostname } from 'node:os';
import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import type { LeaseTable } from '../../engine/contract/lease-table.ts';
import { defined, options as optionsCodec } from '../../validation/options.ts';
import { filledText, period } from '../../validation/types.ts';
import type { WatcherLog } from '../watcher-log.ts';

/** How the watchers of a manager share their ids with those of other processes. */
export interface LeaseOptions {
  /**
   * How long, in milliseconds, others wait for a sign of the active one before they take its place. It gives one at
   * every third of that. The same for all. Default 5000.
   */
  readonly duration?: number | undefined;
  /** Who this is, in words for people. Default: the host's name and the process's id. */
  readonly owner?: string | undefined;
}

/** The same with the defaults filled in. */
export type ResolvedLeaseOptions = Required<{ [O in keyof LeaseOptions]: NonNullable<LeaseOptions[O]> }>;

const LeaseOptionsOnly = optionsCodec("{ duration: 5000, owner: 'worker 3' }", {
  duration: period,
  owner: filledText,
});

/** Decodes them; `true` stands for all defaults. */
export const LeaseOptionsCodec: t.Type<LeaseOptions, unknown> = new t.Type(
  `true, or ${LeaseOptionsOnly.name}`,
  (value): value is LeaseOptions => value === true || LeaseOptionsOnly.is(value),
  (value, context) => (value === true ? t.success({}) : LeaseOptionsOnly.validate(value, context)),
  t.identity,
);

/** Fills in the defaults. */
export const resolveLeaseOptions = (options: LeaseOptions): ResolvedLeaseOptions => ({
  duration: 5000,
  owner: `${hostname()}:${process.pid}`,
  ...defined(options),
});

/** Whose lease it is, and how it is kept. */
export interface LeaseParts extends ResolvedLeaseOptions {
  /** The watcher. */
  readonly id: string;
  /** Leases of the store. */
  readonly leases: LeaseTable;
  /** Gives the time and the timers. */
  readonly scheduler: SchedulerLike;
  /** Is told of each failure: of the store, and of the loss of the lease. */
  readonly onFailure: (error: unknown) => void;
  /** Reports what becomes of the lease. */
  readonly log: WatcherLog;
}
