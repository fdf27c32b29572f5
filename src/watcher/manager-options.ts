import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import { check } from '../validation/check.ts';
import { options as optionsCodec } from '../validation/options.ts';
import {
  type LeaseOptions,
  LeaseOptionsCodec,
  type ResolvedLeaseOptions,
  resolveLeaseOptions,
} from './lease-options.ts';

/** What can be chosen of a manager. */
export interface ManagerOptions {
  /**
   * Of several managers, in as many processes, that have a watcher of the same id, one has it active and the others have
   * it stand by, until the active one is stopped, or dies, or is cut off. Default: each runs for itself.
   */
  readonly lease?: LeaseOptions | true | undefined;
}

const ManagerOptionsCodec = optionsCodec('{ lease: true }', { lease: LeaseOptionsCodec });

/**
 * Fills in the defaults.
 *
 * @throws InvalidOptionsError with every fault at once; also if there are to be leases, and the store keeps none.
 */
export function resolveManagerOptions<E extends Event>(
  store: EventStore<E>,
  options: ManagerOptions,
): { readonly lease: ResolvedLeaseOptions | undefined } {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a manager', faults);
  const { lease } = check(ManagerOptionsCodec, options, invalid);
  if (lease === undefined) return { lease };
  if (store.getLease === undefined || store.storeLease === undefined) {
    throw invalid([{ path: 'lease', message: "must not be given: the store's engine keeps no leases" }]);
  }
  return { lease: resolveLeaseOptions(lease) };
}
