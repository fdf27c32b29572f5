import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import { inOwnContext } from '../flow/in-own-context.ts';
import { check } from '../validation/check.ts';
import { wholeFrom } from '../validation/numbers.ts';
import { options } from '../validation/options.ts';
import { filledText, watcherName } from '../validation/parts.ts';
import type { EventLog } from './event-log.ts';
import type { EventStore } from './event-store.ts';
import type { Gate } from './gate.ts';
import type { LeaseDraft } from './lease-log.ts';
import { started } from './started.ts';

const Owned = t.type({ watcherId: watcherName });
const Stored = t.type({
  watcherId: watcherName,
  lease: options("{ token: 1, owner: 'worker 3' }", { owner: filledText }, { token: wholeFrom(1) }),
  revision: wholeFrom(0),
});
const Fence = t.partial({ fence: wholeFrom(1) });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('lease', faults);

/** The methods of a store that deal with leases. */
export type LeaseMethods = Pick<EventStore, 'getLease' | 'storeLease' | 'leaseReleased$'>;

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
 * Makes them, if the engine keeps leases.
 *
 * @param isLetGo - Whether the engine was let go of. What gives a lease back passes the gate until then: a watcher that
 *   hears of the close of its store may still leave its place to another.
 */
export function createLeaseMethods({ leases }: EventLog, gate: Gate, isLetGo: () => boolean): LeaseMethods {
  if (leases === undefined) return {};
  return {
    getLease: (watcherId) =>
      gate.reading(() => {
        check(Owned, { watcherId }, invalid);
        return leases.get(watcherId);
      }),
    storeLease: (watcherId, lease, revision) =>
      started(() => {
        const checked = check(Stored, { watcherId, lease, revision }, invalid);
        if (checked.lease.owner !== undefined || isLetGo()) gate.pass();
        return leases.store(watcherId, checked.lease as LeaseDraft, revision);
      }),
    leaseReleased$: inOwnContext(leases.released$),
  };
}
