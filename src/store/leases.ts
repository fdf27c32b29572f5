import * as t from 'io-ts';
import type { EventLog } from '../engine/contract/event-log.ts';
import type { LeaseTable, NewLease } from '../engine/contract/lease-table.ts';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import { inOwnContext } from '../scheduling/call-context.ts';
import { promiseTry } from '../scheduling/promise-try.ts';
import { check } from '../validation/check.ts';
import { options } from '../validation/options.ts';
import { filledText, watcherName, wholeFrom } from '../validation/types.ts';
import type { OpenGuard } from './open-guard.ts';

const Owned = t.type({ watcherId: watcherName });
const Stored = t.type({
  watcherId: watcherName,
  lease: options("{ token: 1, owner: 'worker 3' }", { owner: filledText }, { token: wholeFrom(1) }),
  revision: wholeFrom(0),
});
const Fence = t.partial({ fence: wholeFrom(1) });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('lease', faults);

/**
 * Refuses a fencing token that is none, or that the engine could not heed.
 *
 * @throws InvalidOptionsError
 */
export function checkFence({ leases }: EventLog, fence: number | undefined): void {
  check(Fence, { fence }, invalid);
  if (fence === undefined || leases !== undefined) return;
  throw new InvalidOptionsError('engine', [{ path: 'fence', message: 'it keeps no leases' }]);
}

/**
 * Returns the leases of an engine with their arguments checked; `undefined` if the engine keeps none.
 *
 * @param isEngineClosed - Whether the engine is closed. Until then a lease can be released even if the store is closed: a
 *   watcher that ends with its store passes its lease on to another process.
 */
export function createCheckedLeases(
  { leases }: EventLog,
  guard: OpenGuard,
  isEngineClosed: () => boolean,
): LeaseTable | undefined {
  if (leases === undefined) return undefined;
  return {
    get: (watcherId) =>
      guard.reading(() => {
        check(Owned, { watcherId }, invalid);
        return leases.get(watcherId);
      }),
    store: (watcherId, lease, revision) =>
      promiseTry(() => {
        const checked = check(Stored, { watcherId, lease, revision }, invalid);
        if (checked.lease.owner !== undefined || isEngineClosed()) guard.assertOpen();
        return leases.store(watcherId, checked.lease as NewLease, revision);
      }),
    released$: inOwnContext(leases.released$),
  };
}
