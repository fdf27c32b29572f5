import * as t from 'io-ts';
import {
  catchError,
  concat,
  EMPTY,
  exhaustMap,
  isObservable,
  lastValueFrom,
  map,
  type Observable,
  observeOn,
  queueScheduler,
  Subscription,
} from 'rxjs';
import type { EventLog } from '../engine/contract/event-log.ts';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { EventIteratorCodec } from '../event/event-iterator.ts';
import { inOwnContext } from '../scheduling/call-context.ts';
import { isRealTime } from '../scheduling/clock.ts';
import { inShallowStack } from '../scheduling/event-loop-turn.ts';
import { promiseTry } from '../scheduling/promise-try.ts';
import { unrefInterval } from '../scheduling/unref-timers.ts';
import { check, checkAll } from '../validation/check.ts';
import { textOf } from '../validation/format-value.ts';
import { defined, options as optionsCodec } from '../validation/options.ts';
import { described, watcherName, wholeFrom } from '../validation/types.ts';
import { createEventWriter, type EventWriter } from './append/event-writer.ts';
import { createClaims } from './claims.ts';
import type { DeadLetter } from './dead-letter.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { EventStore } from './event-store.ts';
import { createKeepAlive } from './keep-alive.ts';
import { checkFence, createCheckedLeases } from './leases.ts';
import { createOpenGuard, type OpenGuard } from './open-guard.ts';
import { createAppendNotifier } from './read/append-notifier.ts';
import { createFilteredAppendNotifier } from './read/filtered-notifier.ts';
import { longPoll } from './read/long-poll.ts';
import { EventsOptionsCodec, GetEventsRequestCodec } from './read/read-options.ts';
import { replay } from './read/replay.ts';
import { lookForTrouble } from './reporting/look-for-trouble.ts';
import { createTroubles } from './reporting/troubles.ts';
import { collectGarbage } from './retention/garbage-collector.ts';
import { createRetentionPins } from './retention/retention-pins.ts';
import { createRecordCodec, toHeaders } from './serialization/record-codec.ts';
import { resolveStoreOptions, type StoreOptions, storeOptionProps } from './store-options.ts';

const invalid = (what: string) => (faults: readonly Fault[]) => new InvalidOptionsError(what, faults);

const OptionsCodec = optionsCodec('{ cacheSize: 0 }', storeOptionProps);
const Checkpoint = t.type({ watcherId: watcherName, seqNum: wholeFrom(0) });
/** Methods that an engine must have. */
const METHODS = [
  'append',
  'read',
  'bounds',
  'seqNumForTimestamp',
  'trim',
  'bytes',
  'storeCheckpoint',
  'getCheckpoint',
  'checkpoints',
  'deleteCheckpoint',
  'close',
] as const satisfies readonly (keyof EventLog)[];
const Engine = t.type({
  log: described('an engine, an EventLog with its methods and appended$', (value): value is EventLog => {
    if (typeof value !== 'object' || value === null) return false;
    const log = value as Readonly<Record<string, unknown>>;
    return isObservable(log.appended$) && METHODS.every((name) => typeof log[name] === 'function');
  }),
});
const CheckpointOwner = t.type({ watcherId: watcherName });

/** A store, and what an engine needs to add methods of its own to it. */
export interface StoreAssembly<E extends Event> {
  /** The store. */
  readonly store: EventStore<E>;
  /** What its methods go through. */
  readonly guard: OpenGuard;
  /** What turns requests into stored events. */
  readonly writer: EventWriter;
}

/** Assembles a store around an engine. */
export function assembleStore<E extends Event>(log: EventLog, options: StoreOptions): StoreAssembly<E> {
  const resolved = resolveStoreOptions(options);
  const { scheduler, logger } = resolved;
  const troubles = createTroubles(logger);
  const claims = createClaims();
  const codec = createRecordCodec(resolved);
  const appends = createAppendNotifier(scheduler);
  const filteredAppends = createFilteredAppendNotifier(log, scheduler);
  const guard = createOpenGuard();
  const writer = createEventWriter(log, codec, scheduler);
  const pins = createRetentionPins();
  const letters = createDeadLetters(log, codec);
  const alive = createKeepAlive();
  if (!resolved.keepAlive || !isRealTime(scheduler)) alive.end();
  const context = {
    log,
    codec,
    appends,
    filteredAppends,
    options: resolved,
    retainFrom: pins.retainFrom,
    keepAlive: alive.hold,
    isClosed: guard.isClosed,
  };

  const running = new Subscription();
  running.add(
    // In turn: what is appended while readers are woken wakes them when that is over, and not from inside it.
    log.appended$.pipe(observeOn(queueScheduler)).subscribe((records) => {
      appends.wake();
      filteredAppends.wake(records ?? []);
    }),
  );

  const look = lookForTrouble({ log, options: resolved, claims, troubles, isClosed: guard.isClosed });
  const collect = guard.reading(() =>
    concat(collectGarbage(log, resolved, pins.lowWatermark, guard.isClosed), look),
  );
  const { gcAgeThreshold, gcCadence, retention } = resolved;
  if (gcAgeThreshold > 0 || Object.keys(defined(retention)).length > 0) {
    const run = collect.pipe(
      catchError((cause) => {
        const message = `garbage collection failed, and will be tried again: ${textOf(cause)}`;
        troubles.report({ kind: 'garbage-collection-failed', message, cause });
        return EMPTY;
      }),
    );
    running.add(
      unrefInterval(gcCadence, scheduler)
        .pipe(exhaustMap(() => run))
        .subscribe(),
    );
  }

  let isEngineClosed = false;
  const leases = createCheckedLeases(log, guard, () => isEngineClosed);
  const close = () =>
    guard.close(() => {
      isEngineClosed = true;
      running.unsubscribe();
      troubles.end();
      alive.end();
      const released = log.close();
      appends.wake();
      filteredAppends.wakeAll();
      return released;
    });

  const store: EventStore<E> = {
    closed$: inOwnContext(guard.closed$),
    trouble$: inOwnContext(troubles.trouble$),
    internals: {
      scheduler,
      logger,
      retainFrom: pins.retainFrom,
      keepAlive: alive.hold,
      claim: claims.claim,
      leases,
    },

    storeEvent: (request) =>
      promiseTry(() => {
        guard.assertOpen();
        return writer.storeEvent(request) as Promise<E>;
      }),
    async storeEvents(requests) {
      guard.assertOpen();
      return (await writer.storeEvents(requests)) as readonly E[];
    },

    events: (from, eventsOptions = {}) =>
      guard.replaying(() => {
        const read = checkAll(
          { from: [EventIteratorCodec, from], '': [EventsOptionsCodec, eventsOptions] },
          invalid('arguments of events'),
        );
        return replay(context, read.from, read[''], codec.toEvents) as Observable<E>;
      }),
    headers: (from, eventsOptions = {}) =>
      guard.replaying(() => {
        const read = checkAll(
          { from: [EventIteratorCodec, from], '': [EventsOptionsCodec, eventsOptions] },
          invalid('arguments of headers'),
        );
        return replay(context, read.from, read[''], toHeaders) as Observable<never>;
      }),
    getEvents(request) {
      const page$ = guard.reading(() => {
        const checked = check(GetEventsRequestCodec, request, invalid('request for events'));
        return longPoll(context, checked) as Observable<never>;
      });
      return inShallowStack(page$, scheduler);
    },
    getLatestSeqNum: () => guard.reading(() => log.bounds().pipe(map(({ latest }) => latest))),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      promiseTry(() => {
        guard.assertOpen();
        check(Checkpoint, { watcherId, seqNum }, invalid('checkpoint'));
        checkFence(log, fence);
        return log.storeCheckpoint(watcherId, seqNum, fence);
      }),
    getCheckpoint: (watcherId) =>
      guard.reading(() => {
        check(CheckpointOwner, { watcherId }, invalid('checkpoint'));
        return log.getCheckpoint(watcherId);
      }),
    checkpoints: () => guard.reading(() => log.checkpoints()),
    async deleteCheckpoint(watcherId) {
      guard.assertOpen();
      check(CheckpointOwner, { watcherId }, invalid('checkpoint'));
      await log.deleteCheckpoint(watcherId);
    },

    storeDeadLetter: (letter, checkpoint, fence) =>
      promiseTry(() => {
        guard.assertOpen();
        checkFence(log, fence);
        return letters.store(letter, checkpoint, fence);
      }),
    deadLetters: (watcherId) => guard.reading(() => letters.read(watcherId) as Observable<DeadLetter<E>>),
    async deleteDeadLetter(watcherId, seqNum) {
      guard.assertOpen();
      await letters.delete(watcherId, seqNum);
    },

    collectGarbage: () => lastValueFrom(collect),

    ...(log.importRecords && {
      async importEvents(after: number, events: readonly E[]) {
        guard.assertOpen();
        return writer.importEvents(after, events);
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { store, guard, writer };
}

/**
 * Makes a store of an engine: checks what comes in, turns objects into bytes and back, waits, collects garbage, closes.
 *
 * @throws InvalidOptionsError with every fault at once.
 * @example
 * const store = createEventStore(myEngine(), { longPollingTimeout: 1000 });
 */
export const createEventStore = <E extends Event = Event>(
  log: EventLog,
  options: StoreOptions,
): EventStore<E> => {
  check(Engine, { log }, invalid('arguments of createEventStore'));
  return assembleStore<E>(log, check(OptionsCodec, options, invalid('store options')) as StoreOptions).store;
};
