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
import { nearest, options } from '../validation/options.ts';
import { delay, described, fn, listOf, wholeFrom } from '../validation/types.ts';

/** The methods of a store in which a fault can lie. */
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

/** Something that goes wrong in a store. What is not said lets every call be the one. */
export interface StoreFault {
  /** In which method. */
  readonly method: FaultyMethod;
  /** In which of its calls, counted from 1 (a read counts when it is subscribed to): one, several, or a rule. */
  readonly calls?: number | readonly number[] | ((call: number) => boolean);
  /** At which event: in a read before it, in the write of a checkpoint or a dead letter if it is that one's. */
  readonly seqNum?: number;
  /** With which arguments. */
  readonly when?: (...args: readonly unknown[]) => boolean;
  /** What it fails with; a function makes one for each call. Without it nothing fails, and there is only the delay. */
  readonly error?: unknown;
  /** How long it takes until then, in milliseconds, on the store's scheduler. Default 0: no time at all. */
  readonly delay?: number;
}

/** Whether a method returns an Observable: its faults count, and come, at the subscription. */
const IS_READ: Readonly<Record<FaultyMethod, boolean>> = {
  events: true,
  headers: true,
  getEvents: true,
  getLatestSeqNum: true,
  getCheckpoint: true,
  checkpoints: true,
  deadLetters: true,
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
  close: false,
  [Symbol.asyncDispose]: false,
};

const isCall = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;

const calls = described(
  'a whole number from 1, an array of some, or a function',
  (value): value is NonNullable<StoreFault['calls']> =>
    isCall(value) || typeof value === 'function' || (Array.isArray(value) && value.every(isCall)),
);

/** Returns the faults of the name of a method. */
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

/** Returns a store with the methods of its leases, if it keeps leases. */
const methodsOf = (store: EventStore): EventStore & Partial<LeaseMethods> => {
  const { leases } = store.internals;
  return { ...store, ...(leases && { getLease: leases.get, storeLease: leases.store }) };
};

/** Codec of faults that can occur in a store: one that keeps no leases has no method that could fail. */
function faultsCodec(store: EventStore) {
  const methods = (Reflect.ownKeys(IS_READ) as FaultyMethod[]).filter(
    (name) => typeof methodsOf(store)[name] === 'function',
  );
  const one = options(
    "{ method: 'storeCheckpoint', error: new StoreError('disk full') }",
    { calls, seqNum: wholeFrom(0), when: fn, error: t.unknown, delay },
    { method: t.unknown },
    ({ method }) => faultsOfMethod(method, methods),
  );
  return listOf(one, 'an array of faults');
}

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of faultyStore', faults);

const errorOf = ({ error }: StoreFault): unknown => (typeof error === 'function' ? error() : error);

/** The number that a write names, if it names one. */
function numberIn(method: FaultyMethod, args: readonly unknown[]): unknown {
  if (method === 'storeDeadLetter') return (args[0] as { readonly seqNum: number }).seqNum;
  return method === 'storeCheckpoint' || method === 'deleteDeadLetter' ? args[1] : undefined;
}

function concerns({ calls }: StoreFault, call: number): boolean {
  if (calls === undefined) return true;
  if (typeof calls === 'function') return calls(call);
  return typeof calls === 'number' ? call === calls : calls.includes(call);
}

const isPage = (value: unknown): value is GetEventsResponse =>
  typeof value === 'object' && value !== null && 'nextEventIterator' in value;

/** A page that ends before an event. */
function cut(page: GetEventsResponse, index: number): GetEventsResponse {
  if (index === -1) return page;
  const events = page.events.slice(0, index);
  return { events, nextEventIterator: afterSequenceNumber((events.at(-1) as Event).seqNum) };
}

/** Methods of the leases of a store, by the names that faults give them. */
interface LeaseMethods {
  readonly getLease: LeaseTable['get'];
  readonly storeLease: LeaseTable['store'];
}

type AnyMethod = (...args: readonly unknown[]) => unknown;

/**
 * A store in which things go wrong as you say, each time in the same way and in virtual time: for tests of what a
 * pipeline makes of it.
 *
 * Of the faults that fit a call the first one counts, and so it does of those that fit an event which a read comes to.
 * A page ends before such an event; the next one begins with it. A fault without an `error` only delays. A write is
 * handed on when its delay is over, with its arguments as they are then.
 *
 * @param store - Any store; it stays as it is.
 * @param faults - What goes wrong.
 * @throws InvalidOptionsError if a fault has an unknown name, or the store does not have its method.
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

  /** Completes when a fault has done no more than take its time. */
  const suffer = (fault: StoreFault): Observable<never> => {
    const { delay = 0 } = fault;
    const outcome = defer(() => ('error' in fault ? throwError(() => errorOf(fault)) : EMPTY));
    return delay === 0 ? outcome : timer(delay, scheduler).pipe(switchMap(() => outcome));
  };
  const suffering = <T>(fault: StoreFault | undefined, source: Observable<T>): Observable<T> =>
    fault === undefined ? source : concat(suffer(fault), source);

  const failingAt = (atEvents: readonly StoreFault[], source: Observable<unknown>): Observable<unknown> => {
    if (atEvents.length === 0) return source;
    const faultOf = (value: unknown) =>
      atEvents.find(({ seqNum }) => seqNum === (value as Partial<Event> | undefined)?.seqNum);
    return source.pipe(
      concatMap((value) => {
        if (!isPage(value)) return suffering(faultOf(value), of(value));
        const next = value.events.findIndex((event, index) => index > 0 && faultOf(event) !== undefined);
        return suffering(faultOf(value.events[0]), of(cut(value, next)));
      }),
    );
  };
  const faulty = (method: FaultyMethod, original: AnyMethod): AnyMethod => {
    const mine = faults.filter((fault) => fault.method === method);
    let calls = 0;
    const fitting = (args: readonly unknown[]): readonly StoreFault[] => {
      const call = ++calls;
      return mine.filter((fault) => concerns(fault, call) && (fault.when?.(...args) ?? true));
    };
    const isOfCall = ({ seqNum }: StoreFault) => seqNum === undefined;
    if (IS_READ[method]) {
      return (...args) =>
        defer(() => {
          const present = fitting(args);
          const atEvents = present.filter((fault) => !isOfCall(fault));
          const source = defer(() => original(...args) as Observable<unknown>);
          return suffering(present.find(isOfCall), failingAt(atEvents, source));
        });
    }
    return (...args) => {
      const named = numberIn(method, args);
      const fault = fitting(args).find((one) => isOfCall(one) || one.seqNum === named);
      if (fault === undefined) return original(...args);
      // Within the very moment at which the delay is over: a Promise would be kept only when no virtual time is left.
      return new Promise((resolve, reject) => {
        suffering(
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
