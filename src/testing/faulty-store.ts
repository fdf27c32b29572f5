import * as t from 'io-ts';
import {
  concat,
  concatMap,
  defer,
  EMPTY,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  throwError,
  timer,
} from 'rxjs';
import {
  afterSequenceNumber,
  type Event,
  type EventStore,
  type Fault,
  type GetEventsResponse,
  InvalidOptionsError,
  type LeaseTable,
} from '../index.ts';
import { requireStore } from '../store/require-store.ts';
import { checkAll } from '../validation/check.ts';
import { show } from '../validation/format-value.ts';
import { nearest } from '../validation/nearest.ts';
import { options } from '../validation/options.ts';
import { delay, described, fn, listOf, wholeFrom } from '../validation/types.ts';

/** Method of a store, or of its leases, that can be faulty. */
export type FaultyMethod =
  | {
      [M in keyof EventStore]-?: NonNullable<EventStore[M]> extends (
        ...args: never[]
      ) => Promise<unknown> | Observable<unknown>
        ? M
        : never;
    }[keyof EventStore]
  | 'getLease'
  | 'storeLease';

/**
 * Fault of a store: an error or a delay. It occurs in each call that matches all given conditions: `calls`, `seqNum` and
 * `when`.
 */
export interface StoreFault {
  /** Name of the method of the store in which the fault occurs. */
  readonly method: FaultyMethod;
  /**
   * Calls of the method in which the fault occurs: a number from 1, several numbers, or a predicate.
   *
   * The number of a call is counted per method, from 1. For a method that returns an Observable, each subscription counts as
   * a call.
   */
  readonly calls?: number | readonly number[] | ((call: number) => boolean);
  /**
   * Sequence number of the event at which the fault occurs.
   *
   * A read emits the events before this event and then fails. A write fails if it stores a checkpoint with this number, or
   * stores or deletes the dead letter of this event.
   */
  readonly seqNum?: number;
  /** Returns whether the fault occurs; receives the arguments of the call. Default: the fault occurs with all arguments. */
  readonly when?: (...args: readonly unknown[]) => boolean;
  /**
   * Error of the call, or a function that creates the error for each call.
   *
   * Without this property, the call is only delayed.
   */
  readonly error?: unknown;
  /**
   * Delay of the call before the error or the result, in milliseconds, on the scheduler of the store.
   *
   * @defaultValue 0
   */
  readonly delay?: number;
}

/**
 * Whether a method returns an Observable. If so, each subscription counts as a call and can fail, and the call of the method
 * itself does not fail.
 */
const IS_READ: Readonly<Record<FaultyMethod, boolean>> = {
  events: true,
  headers: true,
  getEvents: true,
  getLatestSeqNum: true,
  getCheckpoint: true,
  checkpoints: true,
  deadLetters: true,
  leases: true,
  info: true,
  watchers: true,
  getLease: true,
  storeEvent: false,
  storeEvents: false,
  storeCheckpoint: false,
  deleteCheckpoint: false,
  storeDeadLetter: false,
  deleteDeadLetter: false,
  collectGarbage: false,
  storeLease: false,
  importEvents: false,
  transaction: false,
  close: false,
  [Symbol.asyncDispose]: false,
};

const isCall = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

const calls = described(
  'a whole number from 1, an array of such numbers, or a function',
  (value): value is NonNullable<StoreFault['calls']> =>
    isCall(value) || typeof value === 'function' || (Array.isArray(value) && value.every(isCall)),
);

function faultsOfMethod(method: unknown, methods: readonly FaultyMethod[]): readonly Fault[] {
  if (methods.includes(method as FaultyMethod)) return [];
  const names = methods.filter((name) => typeof name === 'string');
  const near = typeof method === 'string' ? nearest(method, names) : undefined;
  const message =
    near === undefined
      ? `must be a method of the store, such as 'storeCheckpoint'; received ${show(method)}`
      : `is not a method of the store; did you mean '${near}'?`;
  return [{ path: 'method', message }];
}

/** Returns the methods of a store and, if it supports leases, the methods of its leases. */
const methodsOf = (store: EventStore): EventStore & Partial<LeaseMethods> => {
  const { leases } = store.internals;
  return { ...store, ...(leases && { getLease: leases.get, storeLease: leases.store }) };
};

/** Returns the codec of `faults`. The methods `getLease` and `storeLease` are valid only if the store supports leases. */
function faultsCodec(store: EventStore) {
  const methods = (Reflect.ownKeys(IS_READ) as FaultyMethod[]).filter(
    (name) => typeof methodsOf(store)[name] === 'function',
  );
  const fault = options(
    "{ method: 'storeCheckpoint', error: new StoreError('disk full') }",
    { calls, seqNum: wholeFrom(0), when: fn, error: t.unknown, delay },
    { method: t.unknown },
    ({ method }) => faultsOfMethod(method, methods),
  );
  return listOf(fault, 'an array of faults');
}

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of faultyStore', faults);

const errorOf = ({ error }: StoreFault): unknown => (typeof error === 'function' ? error() : error);

/** Returns the sequence number in the arguments of a write; `undefined` if the method takes none. */
function seqNumOf(method: FaultyMethod, args: readonly unknown[]): unknown {
  if (method === 'storeDeadLetter') return (args[0] as { readonly seqNum: number }).seqNum;
  return method === 'storeCheckpoint' || method === 'deleteDeadLetter' ? args[1] : undefined;
}

function isFaultyCall({ calls }: StoreFault, call: number): boolean {
  if (calls === undefined) return true;
  if (typeof calls === 'function') return calls(call);
  return typeof calls === 'number' ? call === calls : calls.includes(call);
}

const isPage = (value: unknown): value is GetEventsResponse =>
  typeof value === 'object' && value !== null && 'nextEventIterator' in value;

/** Returns the page without the events from an index on; the whole page if the index is -1. */
function truncate(page: GetEventsResponse, index: number): GetEventsResponse {
  if (index === -1) return page;
  const events = page.events.slice(0, index);
  return { events, nextEventIterator: afterSequenceNumber((events.at(-1) as Event).seqNum) };
}

/** Methods of the leases of a store, under their names in `FaultyMethod`. */
interface LeaseMethods {
  readonly getLease: LeaseTable['get'];
  readonly storeLease: LeaseTable['store'];
}

type AnyMethod = (...args: readonly unknown[]) => unknown;

/**
 * Creates a store with reproducible faults, in virtual time, for tests of pipelines and watchers.
 *
 * If several faults match a call or an event, the first matching fault of the list occurs. A page ends before an event with a
 * fault, and the next page begins with that event. A delayed write is passed to the store after the delay, so a change of its
 * arguments meanwhile has an effect.
 *
 * @param store - Store to which all calls are passed; it is not changed.
 * @param faults - Faults, in order of precedence.
 * @throws InvalidOptionsError if a fault is not valid, or names a method that the store does not have.
 * @see {@link withCheckpoints} to observe the checkpoints of a store.
 * @example
 * // The second checkpoint cannot be written, reads take 5 ms, and event 3 cannot be decoded.
 * const faulty = faultyStore(store, [
 *   { method: 'storeCheckpoint', calls: 2, error: new StoreError('disk full') },
 *   { method: 'getEvents', seqNum: 3, error: () => new DeserializationError([], { seqNum: 3 }) },
 *   { method: 'getEvents', delay: 5 },
 * ]);
 */
export function faultyStore<S extends EventStore>(store: S, faults: readonly StoreFault[]): S {
  requireStore('store', store, 'storeEvent');
  checkAll({ faults: [faultsCodec(store), faults] }, invalid);
  const scheduler: SchedulerLike = store.internals.scheduler;

  /** Waits for the delay of a fault, and then errors with the error of the fault, or completes if the fault has no error. */
  const faultEffect = (fault: StoreFault): Observable<never> => {
    const { delay = 0 } = fault;
    const outcome = defer(() => ('error' in fault ? throwError(() => errorOf(fault)) : EMPTY));
    return delay === 0 ? outcome : timer(delay, scheduler).pipe(switchMap(() => outcome));
  };
  const withFault = <T>(fault: StoreFault | undefined, source: Observable<T>): Observable<T> =>
    fault === undefined ? source : concat(faultEffect(fault), source);

  const withFaultsAtEvents = (
    atEvents: readonly StoreFault[],
    source: Observable<unknown>,
  ): Observable<unknown> => {
    if (atEvents.length === 0) return source;
    const faultOf = (value: unknown) =>
      atEvents.find(({ seqNum }) => seqNum === (value as Partial<Event> | undefined)?.seqNum);
    return source.pipe(
      concatMap((value) => {
        if (!isPage(value)) return withFault(faultOf(value), of(value));
        const next = value.events.findIndex((event, index) => index > 0 && faultOf(event) !== undefined);
        return withFault(faultOf(value.events[0]), of(truncate(value, next)));
      }),
    );
  };
  const faulty = (method: FaultyMethod, original: AnyMethod): AnyMethod => {
    const methodFaults = faults.filter((fault) => fault.method === method);
    let calls = 0;
    const matching = (args: readonly unknown[]): readonly StoreFault[] => {
      const call = ++calls;
      return methodFaults.filter((fault) => isFaultyCall(fault, call) && (fault.when?.(...args) ?? true));
    };
    const isOfCall = ({ seqNum }: StoreFault) => seqNum === undefined;
    if (IS_READ[method]) {
      return (...args) =>
        defer(() => {
          const matched = matching(args);
          const atEvents = matched.filter((fault) => !isOfCall(fault));
          const source = defer(() => original(...args) as Observable<unknown>);
          return withFault(matched.find(isOfCall), withFaultsAtEvents(atEvents, source));
        });
    }
    return (...args) => {
      const seqNum = seqNumOf(method, args);
      const fault = matching(args).find((one) => isOfCall(one) || one.seqNum === seqNum);
      if (fault === undefined) return original(...args);
      // Call the method synchronously when the delay ends. A Promise would be too late, because its microtasks run only
      // after the flush of virtual time.
      return new Promise((resolve, reject) => {
        withFault(
          fault,
          defer(() => of(original(...args))),
        ).subscribe({ next: resolve, error: reject });
      });
    };
  };
  const { leases } = store.internals;
  const original = methodsOf(store);
  const methods = new Set(faults.map(({ method }) => method));
  const { getLease, storeLease, ...replaced } = Object.fromEntries(
    [...methods].map((method) => [method, faulty(method, original[method] as AnyMethod)]),
  ) as Partial<EventStore & LeaseMethods>;
  if (leases === undefined || (getLease ?? storeLease) === undefined) return { ...store, ...replaced };
  const { get, store: storeOriginal } = leases;
  const faultyLeases = { ...leases, get: getLease ?? get, store: storeLease ?? storeOriginal };
  return { ...store, ...replaced, internals: { ...store.internals, leases: faultyLeases } };
}
