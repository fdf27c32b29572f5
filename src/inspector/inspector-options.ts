import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import type { SerializedError } from '../store/dead-letter.ts';
import type { EventStore } from '../store/event-store.ts';
import { requireStore } from '../store/require-store.ts';
import { check } from '../validation/check.ts';
import { options as optionsCodec } from '../validation/options.ts';
import { described, fn } from '../validation/types.ts';
import type { Manager } from '../watcher/managed/manager.ts';

/** Origin of an error that an inspector shows. */
export interface ErrorSource {
  /** Id of the watcher with the error; missing if the error does not belong to a watcher. */
  readonly watcherId?: string;
  /** Sequence number of the event; missing if the error does not belong to an event. */
  readonly seqNum?: number;
}

/** Options of `createInspector`. */
export interface InspectorOptions<E extends Event = Event> {
  /** Store to show. */
  readonly store: EventStore<E>;
  /**
   * Manager of the watchers of this process. The inspector shows the current states of these watchers and, unless it is
   * read-only, acts on them. All other watchers have the states that the managers of their processes have reported.
   */
  readonly manager?: Manager<E> | undefined;
  /**
   * Whether every action is rejected: start, stop, pause, resume and seek of a watcher, redrive and deletion of dead
   * letters. The value `false` needs a `manager`. Every user of the inspector can then act, so mount the inspector after
   * your authentication.
   *
   * @defaultValue true
   */
  readonly readOnly?: boolean | undefined;
  /**
   * Returns the object, the key, the id and the metadata to show for an event, or `undefined` to hide all four. The function
   * is called for events, dead letters and followed events. The function must not change its argument. Other fields of the
   * returned value have no effect. If the function throws, the event is hidden. By default, events are shown unchanged.
   *
   * With this option, the messages and stacks of errors are also hidden, because they can contain parts of objects. The
   * option `redactError` decides which errors are shown nevertheless.
   */
  readonly redact?: ((event: E) => Pick<Event, 'object' | 'key' | 'id' | 'metadata'> | undefined) | undefined;
  /**
   * Returns an error as the inspector may show it, or `undefined` to hide the message and the stack. The function is called
   * for the errors of dead letters, the last errors of watchers, and the errors of events that cannot be read. If the
   * function throws, the error is hidden. By default, errors are hidden if the option `redact` is set, and are shown
   * unchanged otherwise.
   */
  readonly redactError?:
    | ((error: SerializedError, source: ErrorSource) => SerializedError | undefined)
    | undefined;
}

/**
 * Options with all defaults applied. The type of the events is `Event`, because the inspector does not distinguish types of
 * events.
 */
export interface ResolvedInspectorOptions
  extends Pick<InspectorOptions, 'manager' | 'redact' | 'redactError'> {
  readonly store: EventStore;
  readonly readOnly: boolean;
}

const managerCodec = described(
  'a manager',
  (value): value is Manager => typeof value === 'object' && value !== null && 'watchers$' in value,
);

const InspectorOptionsCodec = optionsCodec(
  '{ store, manager }',
  { manager: managerCodec, readOnly: t.boolean, redact: fn, redactError: fn },
  { store: t.unknown },
  ({ store, manager, readOnly }) => {
    const faults: Fault[] = [];
    if (readOnly === false && manager === undefined) {
      faults.push({ path: 'readOnly', message: 'must be true without a manager' });
    }
    if (
      managerCodec.is(manager) &&
      manager.store.internals !== (store as EventStore | undefined)?.internals
    ) {
      faults.push({
        path: 'manager',
        message: 'must be a manager of the store; received one of another store',
      });
    }
    return faults;
  },
);

/**
 * Returns the options of an inspector with all defaults applied.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists all faults.
 */
export function resolveInspectorOptions<E extends Event>(
  options: InspectorOptions<E>,
): ResolvedInspectorOptions {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of an inspector', faults);
  const checked = check(InspectorOptionsCodec, options, invalid);
  requireStore('store', checked.store, 'getEvents', 'info', 'watchers');
  return { readOnly: true, ...checked } as ResolvedInspectorOptions;
}
