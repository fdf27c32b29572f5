import * as t from 'io-ts';
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { defined } from '../validation/defined.ts';
import { durationOrInfinity } from '../validation/numbers.ts';
import { fn, scheduler } from '../validation/parts.ts';
import { jsonSerializer } from './json-serializer.ts';
import { type Logger, silent } from './logger.ts';
import type { Serializer } from './serializer.ts';

/** What can be chosen of any store. */
export interface StoreOptions {
  /** How an object becomes bytes and back. Default `jsonSerializer()`. */
  readonly serializer?: Serializer | undefined;
  /** How long `getEvents` waits when there is nothing, in milliseconds. Default 10 000. */
  readonly longPollingTimeout?: number | undefined;
  /** Every clock and timer of the store. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Where warnings go. Default: nowhere. */
  readonly logger?: Logger | undefined;
}

/** The same with nothing left open. */
export type ResolvedStoreOptions = { readonly [O in keyof StoreOptions]-?: NonNullable<StoreOptions[O]> };

/** Tells what is wrong with the options of a store. */
export const StoreOptionsCodec = t.partial(
  {
    serializer: t.type({ encode: fn, decode: fn }, 'a serializer'),
    longPollingTimeout: durationOrInfinity,
    scheduler,
    logger: t.type({ debug: fn, info: fn, warn: fn, error: fn }, 'a logger'),
  },
  'the options of a store',
);

/**
 * Fills in the defaults.
 *
 * @throws InvalidOptionsError with every fault at once.
 */
export function resolveStoreOptions(options: StoreOptions): ResolvedStoreOptions {
  check(StoreOptionsCodec, options, (faults) => new InvalidOptionsError('store options', faults));
  return {
    serializer: jsonSerializer(),
    longPollingTimeout: 10_000,
    scheduler: asyncScheduler,
    logger: silent,
    ...defined(options),
  };
}
