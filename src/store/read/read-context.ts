import type { Subscription } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import type { RetentionPins } from '../retention/retention-pins.ts';
import type { RecordCodec } from '../serialization/record-codec.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import type { AppendNotifier } from './append-notifier.ts';
import type { FilteredAppendNotifier } from './filtered-notifier.ts';

/** Parts of a store that its reads share. */
export interface ReadContext {
  readonly log: EventLog;
  readonly codec: RecordCodec;
  /** Notifier that wakes readers after each append. */
  readonly appends: AppendNotifier;
  /** Notifier that wakes readers only for matching events. */
  readonly filteredAppends: FilteredAppendNotifier;
  /** Options of the store, with all defaults applied. */
  readonly options: ResolvedStoreOptions;
  /** Keeps events after the position of a reader from garbage collection by age. */
  readonly retainFrom: RetentionPins['retainFrom'];
  /** Keeps the process alive until the returned subscription is unsubscribed. */
  readonly keepAlive: () => Subscription;
  readonly isClosed: () => boolean;
}
