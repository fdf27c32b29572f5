import type { SchedulerLike, Subject } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import type { Ownership } from '../lease/ownership.ts';
import type { HandlerSlots } from '../partitions/handler-slots.ts';
import type { CheckpointWriter } from '../run/checkpoint-writer.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import type { WatcherProgress } from './watcher-progress.ts';

/** Change of a watcher: its position, or a counter of its statistics. */
export type WatcherChange = 'position' | 'count';

/** Parts of a managed watcher that its runs, commands and Observables share. */
export interface WatcherContext<E extends Event> {
  readonly watcherId: string;
  readonly store: EventStore<E>;
  readonly options: ResolvedWatchOptions<E>;
  readonly scheduler: SchedulerLike;
  /** Grants the right to act for the watcher. */
  readonly ownership: Ownership<E>;
  readonly progress: WatcherProgress<E>;
  /** Same object as `progress.checkpoints`. */
  readonly checkpoints: CheckpointWriter;
  /**
   * Number of attempts that the loss of a lease has interrupted, by sequence number. They count as failed attempts
   * when this process acquires the lease again, even if the watcher was stopped and started in between.
   */
  readonly cutOff: Map<number, number>;
  /** Slots for attempts that the partitions of a watcher share; `undefined` if the watcher has no partitions. */
  readonly slots: HandlerSlots | undefined;
  /** Called after each change of state. */
  readonly onStateChange: (state: WatcherState, before: WatcherState) => void;
  /** Emits after each change of state. Completes when the watcher is removed. */
  readonly stateChanged$: Subject<void>;
  /** Emits after each change other than a change of state. Completes when the watcher is removed. */
  readonly changed$: Subject<WatcherChange>;
  /** Emits the outcome of each event. Completes when the watcher is removed. */
  readonly outcomes$: Subject<Outcome<E>>;
}
