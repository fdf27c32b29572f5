import type { Subscription } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import type { RetentionPins } from '../retention/retention-pins.ts';
import type { RecordCodec } from '../serialization/record-codec.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import type { AppendNotifier } from './append-notifier.ts';
import type { FilteredAppendNotifier } from './filtered-notifier.ts';

/** What the reading side of a store is made of. */
export interface ReadContext {
  /** The engine. */
  readonly log: EventLog;
  /** Bytes to events and back. */
  readonly codec: RecordCodec;
  /** Where readers wait for the log to grow. */
  readonly appends: AppendNotifier;
  /** Where readers wait who have leisure. */
  readonly filteredAppends: FilteredAppendNotifier;
  /** The options, defaults filled in. */
  readonly options: ResolvedStoreOptions;
  /** Keeps garbage collection from overtaking a reader of this process. */
  readonly retainFrom: RetentionPins['retainFrom'];
  /** Keeps the process alive until it is unsubscribed. */
  readonly keepAlive: () => Subscription;
  /** Whether the store was closed. */
  readonly isClosed: () => boolean;
}
