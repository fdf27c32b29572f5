import {
  asyncScheduler,
  concat,
  defer,
  firstValueFrom,
  ignoreElements,
  map,
  type Observable,
  of,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import { afterSequenceNumber, type Event, type EventStore, type GetEventsResponse } from '../index.ts';

/** The methods of a store in which a fault can lie. */
export type FaultyMethod = {
  [M in keyof EventStore]-?: NonNullable<EventStore[M]> extends (
    ...args: never[]
  ) => Promise<unknown> | Observable<unknown>
    ? M
    : never;
}[keyof EventStore];

/** Something that goes wrong in a store. What is not said lets every call be the one. */
export interface StoreFault {
  /** In which method. */
  readonly method: FaultyMethod;
  /** In which of its calls, counted from 1 (a read counts when it is subscribed to): one, several, or a rule. */
  readonly calls?: number | readonly number[] | ((call: number) => boolean);
  /** At which event: a read fails before it, a write if it names it. */
  readonly seqNum?: number;
  /** With which arguments. */
  readonly when?: (...args: readonly unknown[]) => boolean;
  /** What it fails with; a function makes one for each call. Without it nothing fails, and there is only the delay. */
  readonly error?: unknown;
  /** How long it takes until then, in milliseconds, on the store's scheduler. Default 0: no time at all. */
  readonly delay?: number;
}

/** The methods that return an Observable: their faults count, and come, at its subscription. */
const READS = new Set<FaultyMethod>([
  'events',
  'getEvents',
  'getLatestSeqNum',
  'getCheckpoint',
  'checkpoints',
  'deadLetters',
]);

const errorOf = ({ error }: StoreFault): unknown => (typeof error === 'function' ? error() : error);

/** The number that a write names, if it names one. */
function numberIn(method: FaultyMethod, args: readonly unknown[]): unknown {
  if (method === 'storeDeadLetter') return (args[0] as { readonly seqNum: number }).seqNum;
  return method === 'storeCheckpoint' || method === 'deleteDeadLetter' ? args[1] : undefined;
}

function isCall({ calls }: StoreFault, call: number): boolean {
  if (calls === undefined) return true;
  if (typeof calls === 'function') return calls(call);
  return typeof calls === 'number' ? call === calls : calls.includes(call);
}

const isPage = (value: unknown): value is GetEventsResponse =>
  typeof value === 'object' && value !== null && 'nextEventIterator' in value;

/** A page that ends before an event, or, if that is its first, fails. */
function cut(page: GetEventsResponse, fault: StoreFault): GetEventsResponse {
  const index = page.events.findIndex(({ seqNum }) => seqNum === fault.seqNum);
  if (index === -1) return page;
  if (index === 0) throw errorOf(fault);
  const events = page.events.slice(0, index);
  return { events, nextEventIterator: afterSequenceNumber((events.at(-1) as Event).seqNum) };
}

/** A read that fails before an event. */
const failingAt = (source: Observable<unknown>, fault: StoreFault): Observable<unknown> =>
  source.pipe(
    map((value) => {
      if (isPage(value)) return cut(value, fault);
      if ((value as Partial<Event> | undefined)?.seqNum === fault.seqNum) throw errorOf(fault);
      return value;
    }),
  );

type AnyMethod = (...args: readonly unknown[]) => unknown;

/**
 * A store in which things go wrong as you say, each time in the same way and in virtual time: for tests of what a
 * pipeline makes of it.
 *
 * Of the faults that fit a call the first one counts. A fault without an `error` only delays.
 *
 * @param store - Any store; it stays as it is.
 * @param faults - What goes wrong.
 * @example
 * // The second checkpoint cannot be written, reads take 5 ms, and event 3 cannot be decoded.
 * const faulty = faultyStore(store, [
 *   { method: 'storeCheckpoint', calls: 2, error: new StoreError('disk full') },
 *   { method: 'getEvents', seqNum: 3, error: () => new DeserializationError([], { seqNum: 3 }) },
 *   { method: 'getEvents', delay: 5 },
 * ]);
 */
export function faultyStore<S extends EventStore>(store: S, faults: readonly StoreFault[]): S {
  const scheduler: SchedulerLike = store.scheduler ?? asyncScheduler;
  const counted = new Map<FaultyMethod, number>();

  const count = (method: FaultyMethod): number => {
    const call = (counted.get(method) ?? 0) + 1;
    counted.set(method, call);
    return call;
  };
  const wait = ({ delay = 0 }: StoreFault): Observable<never> =>
    (delay === 0 ? of(0) : timer(delay, scheduler)).pipe(ignoreElements());

  const reading = (fault: StoreFault, source: Observable<unknown>): Observable<unknown> => {
    if (!('error' in fault)) return concat(wait(fault), source);
    if (fault.seqNum !== undefined) return concat(wait(fault), failingAt(source, fault));
    return concat(
      wait(fault),
      throwError(() => errorOf(fault)),
    );
  };
  const writing = async (fault: StoreFault, write: () => unknown): Promise<unknown> => {
    await firstValueFrom(wait(fault), { defaultValue: undefined });
    if ('error' in fault) throw errorOf(fault);
    return write();
  };
  const faulty = (method: FaultyMethod, original: AnyMethod): AnyMethod => {
    const mine = faults.filter((fault) => fault.method === method);
    const fitting = (args: readonly unknown[], isRead: boolean): StoreFault | undefined => {
      const call = count(method);
      return mine.find(
        (fault) =>
          isCall(fault, call) &&
          (fault.when?.(...args) ?? true) &&
          (isRead || fault.seqNum === undefined || numberIn(method, args) === fault.seqNum),
      );
    };
    return (...args) => {
      if (READS.has(method)) {
        return defer(() => {
          const fault = fitting(args, true);
          const source = original(...args) as Observable<unknown>;
          return fault === undefined ? source : reading(fault, source);
        });
      }
      const fault = fitting(args, false);
      return fault === undefined ? original(...args) : writing(fault, () => original(...args));
    };
  };
  const methods = new Set(faults.map(({ method }) => method));
  const replaced = [...methods].map(
    (method) => [method, faulty(method, store[method] as AnyMethod)] as const,
  );
  return { ...store, ...Object.fromEntries(replaced) };
}
