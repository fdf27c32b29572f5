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
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { EventIteratorCodec } from '../event/event-iterator.ts';
import { backgroundInterval } from '../flow/background-interval.ts';
import { isRealTime } from '../flow/clock-of.ts';
import { inOwnContext } from '../flow/in-own-context.ts';
import { inShallowStack } from '../flow/in-shallow-stack.ts';
import { createKeepAlive } from '../flow/keep-alive.ts';
import { check, checkAll } from '../validation/check.ts';
import { defined } from '../validation/defined.ts';
import { described } from '../validation/described.ts';
import { wholeFrom } from '../validation/numbers.ts';
import { options as optionsCodec } from '../validation/options.ts';
import { watcherName } from '../validation/parts.ts';
import { textOf } from '../validation/text-of.ts';
import { createClaims } from './claims.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { DeadLetter } from './dead-letter.ts';
import { createDeadLetters } from './dead-letters.ts';
import type { EventLog } from './event-log.ts';
import type { EventStore } from './event-store.ts';
import { createGate, type Gate } from './gate.ts';
import { checkFence, createLeaseMethods } from './leases.ts';
import { lookForTrouble } from './look-for-trouble.ts';
import { createPlacesHeld } from './places-held.ts';
import { pollPage } from './poll-page.ts';
import { createQuietTail } from './quiet-tail.ts';
import { EventsOptionsCodec, GetEventsRequestCodec } from './read-options.ts';
import { createRecordCodec, toHeaders } from './record-codec.ts';
import { replay } from './replay.ts';
import { started } from './started.ts';
import { resolveStoreOptions, type StoreOptions, storeOptionProps } from './store-options.ts';
import { createTail } from './tail.ts';
import { createTroubles } from './trouble.ts';
import { createWriter, type Writer } from './writer.ts';

const invalid = (what: string) => (faults: readonly Fault[]) => new InvalidOptionsError(what, faults);

const OptionsCodec = optionsCodec('{ cacheSize: 0 }', storeOptionProps);
const Checkpoint = t.type({ watcherId: watcherName, seqNum: wholeFrom(0) });
/** Methods that an engine must have. */
const METHODS = [
  'append',
  'read',
  'bounds',
  'firstAt',
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
    return isObservable(log['appended$']) && METHODS.every((name) => typeof log[name] === 'function');
  }),
});
const CheckpointOwner = t.type({ watcherId: watcherName });

/** A store, and what an engine needs to add methods of its own to it. */
export interface StoreAssembly<E extends Event> {
  /** The store. */
  readonly store: EventStore<E>;
  /** What its methods go through. */
  readonly gate: Gate;
  /** What turns requests into stored events. */
  readonly writer: Writer;
}

/** Assembles a store around an engine. */
export function assembleStore<E extends Event>(log: EventLog, options: StoreOptions): StoreAssembly<E> {
  const resolved = resolveStoreOptions(options);
  const { scheduler, logger } = resolved;
  const troubles = createTroubles(logger);
  const claims = createClaims();
  const codec = createRecordCodec(resolved);
  const tail = createTail(scheduler);
  const quiet = createQuietTail(log, scheduler);
  const gate = createGate();
  const writer = createWriter(log, codec, scheduler);
  const places = createPlacesHeld();
  const letters = createDeadLetters(log, codec);
  const alive = createKeepAlive();
  if (!resolved.keepAlive || !isRealTime(scheduler)) alive.end();
  const parts = {
    log,
    codec,
    tail,
    quiet,
    options: resolved,
    hold: places.hold,
    keepAlive: alive.hold,
    isClosed: gate.isClosed,
  };

  const running = new Subscription();
  running.add(
    // In turn: what is appended while readers are woken wakes them when that is over, and not from inside it.
    log.appended$.pipe(observeOn(queueScheduler)).subscribe(() => {
      tail.wake();
      quiet.wake();
    }),
  );

  const look = lookForTrouble({ log, options: resolved, claims, troubles, isClosed: gate.isClosed });
  const collect = gate.reading(() =>
    concat(collectGarbage(log, resolved, places.released, gate.isClosed), look),
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
      backgroundInterval(gcCadence, scheduler)
        .pipe(exhaustMap(() => run))
        .subscribe(),
    );
  }

  let isLetGo = false;
  const leases = createLeaseMethods(log, gate, () => isLetGo);
  const close = () =>
    gate.close(() => {
      isLetGo = true;
      running.unsubscribe();
      troubles.end();
      alive.end();
      const released = log.close();
      tail.wake();
      quiet.wakeAll();
      return released;
    });

  const store: EventStore<E> = {
    scheduler,
    logger,
    closed$: inOwnContext(gate.closed$),
    hold: places.hold,
    keepAlive: alive.hold,
    claim: claims.claim,
    trouble$: inOwnContext(troubles.trouble$),

    storeEvent: (request) =>
      started(() => {
        gate.pass();
        return writer.storeEvent(request) as Promise<E>;
      }),
    async storeEvents(requests) {
      gate.pass();
      return (await writer.storeEvents(requests)) as readonly E[];
    },

    events: (from, eventsOptions = {}) =>
      gate.replaying(() => {
        const read = checkAll(
          { from: [EventIteratorCodec, from], '': [EventsOptionsCodec, eventsOptions] },
          invalid('arguments of events'),
        );
        return replay(parts, read.from, read[''], codec.toEvents) as Observable<E>;
      }),
    headers: (from, eventsOptions = {}) =>
      gate.replaying(() => {
        const read = checkAll(
          { from: [EventIteratorCodec, from], '': [EventsOptionsCodec, eventsOptions] },
          invalid('arguments of headers'),
        );
        return replay(parts, read.from, read[''], toHeaders) as Observable<never>;
      }),
    getEvents(request) {
      const page$ = gate.reading(() => {
        const checked = check(GetEventsRequestCodec, request, invalid('request for events'));
        return pollPage(parts, checked) as Observable<never>;
      });
      return inShallowStack(page$, scheduler);
    },
    getLatestSeqNum: () => gate.reading(() => log.bounds().pipe(map(({ latest }) => latest))),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      started(() => {
        gate.pass();
        check(Checkpoint, { watcherId, seqNum }, invalid('checkpoint'));
        checkFence(log, fence);
        return log.storeCheckpoint(watcherId, seqNum, fence);
      }),
    getCheckpoint: (watcherId) =>
      gate.reading(() => {
        check(CheckpointOwner, { watcherId }, invalid('checkpoint'));
        return log.getCheckpoint(watcherId);
      }),
    checkpoints: () => gate.reading(() => log.checkpoints()),
    async deleteCheckpoint(watcherId) {
      gate.pass();
      check(CheckpointOwner, { watcherId }, invalid('checkpoint'));
      await log.deleteCheckpoint(watcherId);
    },

    storeDeadLetter: (letter, checkpoint, fence) =>
      started(() => {
        gate.pass();
        checkFence(log, fence);
        return letters.store(letter, checkpoint, fence);
      }),
    deadLetters: (watcherId) => gate.reading(() => letters.read(watcherId) as Observable<DeadLetter<E>>),
    async deleteDeadLetter(watcherId, seqNum) {
      gate.pass();
      await letters.delete(watcherId, seqNum);
    },

    collectGarbage: () => lastValueFrom(collect),

    ...leases,
    ...(log.restore && {
      async restoreEvents(after: number, events: readonly E[]) {
        gate.pass();
        return writer.restoreEvents(after, events);
      },
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { store, gate, writer };
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
