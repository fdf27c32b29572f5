import { hostname } from 'node:os';
import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import type { LeaseTable } from '../../engine/contract/lease-table.ts';
import { defined, options as optionsCodec } from '../../validation/options.ts';
import { filledText, period } from '../../validation/types.ts';
import type { WatcherLog } from '../watcher-log.ts';

/**
 * Options of the leases of a manager. Managers that share watcher ids must use the same `duration`: a manager with a shorter
 * duration could take a lease that its holder still renews.
 *
 * @see [One active watcher](../../../docs/guides/one-active-watcher.md)
 */
export interface LeaseOptions {
  /**
   * Time without a renewal after which another process takes the lease, in milliseconds. The holder renews the lease
   * three times per duration.
   *
   * @defaultValue 5000
   */
  readonly duration?: number | undefined;
  /** Description of this process, as stored in the lease. Default: the name of the host and the id of the process. */
  readonly owner?: string | undefined;
}

/** Lease options with all defaults applied. */
export type ResolvedLeaseOptions = Required<{ [O in keyof LeaseOptions]: NonNullable<LeaseOptions[O]> }>;

const LeaseOptionsOnly = optionsCodec("{ duration: 5000, owner: 'worker 3' }", {
  duration: period,
  owner: filledText,
});

/** Codec of lease options; `true` is decoded as `{}`, so all defaults apply. */
export const LeaseOptionsCodec: t.Type<LeaseOptions, unknown> = new t.Type(
  `true, or ${LeaseOptionsOnly.name}`,
  (value): value is LeaseOptions => value === true || LeaseOptionsOnly.is(value),
  (value, context) => (value === true ? t.success({}) : LeaseOptionsOnly.validate(value, context)),
  t.identity,
);

export const resolveLeaseOptions = (options: LeaseOptions): ResolvedLeaseOptions => ({
  duration: 5000,
  owner: `${hostname()}:${process.pid}`,
  ...defined(options),
});

/** Parts that the elector and the held lease of one watcher share. */
export interface LeaseContext extends ResolvedLeaseOptions {
  readonly watcherId: string;
  readonly leases: LeaseTable;
  readonly scheduler: SchedulerLike;
  /** Called with each failure of the store, and with the `LeaseLostError` if the lease is lost. */
  readonly onFailure: (error: unknown) => void;
  readonly log: WatcherLog;
  /**
   * Returns the time for which the lease is known to have this revision, in milliseconds. By default, this time begins at the
   * elector's first read of the revision.
   */
  readonly unchangedFor?: ((revision: number) => number) | undefined;
}
