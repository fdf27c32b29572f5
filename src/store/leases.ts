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
 * Checks a fencing token. `undefined` is valid: the write is then not fenced.
 *
 * @throws {@link InvalidOptionsError} if the token is not a whole number of at least 1, or the engine has no lease table.
 */
export function checkFence({ leases }: EventLog, fence: number | undefined): void {
  check(Fence, { fence }, invalid);
  if (fence === undefined || leases !== undefined) return;
  throw new InvalidOptionsError('engine', [
    { path: 'fence', message: 'must be omitted, because the engine does not support leases' },
  ]);
}

/**
 * Returns the lease table of an engine with validated arguments, or `undefined` if the engine has no lease table.
 *
 * @param isEngineClosed - Returns whether the engine is closed. While the engine is open, a lease can be released even after
 *   `close` of the store was called. A watcher that ends because its store closes thus releases its lease for another
 *   process.
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
    all: () => guard.reading(() => leases.all()),
    store: (watcherId, lease, revision) =>
      promiseTry(() => {
        const checked = check(Stored, { watcherId, lease, revision }, invalid);
        if (checked.lease.owner !== undefined || isEngineClosed()) guard.assertOpen();
        return leases.store(watcherId, checked.lease as NewLease, revision);
      }),
    released$: inOwnContext(leases.released$),
  };
}
