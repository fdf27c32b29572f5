import * as t from 'io-ts';
import {
  catchError,
  concat,
  EMPTY,
  exhaustMap,
  firstValueFrom,
  isObservable,
  lastValueFrom,
  map,
  type Observable,
  observeOn,
  of,
  queueScheduler,
  Subscription,
} from 'rxjs';
import type { EventLog } from '../engine/contract/event-log.ts';
import type { Lease } from '../engine/contract/lease-table.ts';
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
import { type AppendPublisher, publishAppend } from './append/append-channel.ts';
import { createEventWriter } from './append/event-writer.ts';
import { createClaims } from './claims.ts';
import type { DeadLetter } from './dead-letter.ts';
import { createDeadLetters } from './dead-letters.ts';
import { durableWrite } from './durable-write.ts';
import type { EventStore, TransactionWork } from './event-store.ts';
import { createKeepAlive } from './keep-alive.ts';
import { checkFence, createCheckedLeases } from './leases.ts';
import { readBacklog } from './monitoring/backlog.ts';
import { createManagerReports } from './monitoring/manager-reports.ts';
import { readInfo } from './monitoring/store-info.ts';
import { readWatchers } from './monitoring/watcher-report.ts';
import { createOpenGuard, type OpenGuard } from './open-guard.ts';
import { createPartitionCheck, partitionNameOf } from './partition-id.ts';
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
import { hasTransactions, transact } from './transaction.ts';

const invalid = (subject: string) => (faults: readonly Fault[]) => new InvalidOptionsError(subject, faults);

const OptionsCodec = optionsCodec('{ cacheSize: 0 }', storeOptionProps);
const Checkpoint = t.type({ watcherId: watcherName, seqNum: wholeFrom(0) });
/** Methods that an engine must have. All other methods of `EventLog` are optional. */
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
  log: described('an engine with the methods of EventLog and appended$', (value): value is EventLog => {
    if (typeof value !== 'object' || value === null) return false;
    const log = value as Readonly<Record<string, unknown>>;
    return isObservable(log.appended$) && METHODS.every((name) => typeof log[name] === 'function');
  }),
});
const CheckpointOwner = t.type({ watcherId: watcherName });

/** Store and its open guard. An engine that adds methods to the store checks with the guard that the store is open. */
export interface StoreAssembly<E extends Event> {
  /** Store without the methods that the engine adds. */
  readonly store: EventStore<E>;
  /** Open guard of the store, for the methods that the engine adds. */
  readonly guard: OpenGuard;
}

/** Creates a store on an engine, and returns it with its open guard. Checks the store options, but not the engine. */
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
  const deadLetters = createDeadLetters(log, codec);
  const keepAlive = createKeepAlive();
  if (!resolved.keepAlive || !isRealTime(scheduler)) keepAlive.end();
  const context = {
    log,
    codec,
    appends,
    filteredAppends,
    options: resolved,
    retainFrom: pins.retainFrom,
    keepAlive: keepAlive.hold,
    isClosed: guard.isClosed,
  };

  const background = new Subscription();
  background.add(
    // A reader that is being woken can append an event itself. The queue delays the notification of that append until the
    // current notification has ended, so that readers are not woken recursively.
    log.appended$.pipe(observeOn(queueScheduler)).subscribe((records) => {
      appends.wake();
      filteredAppends.wake(records ?? []);
    }),
  );

  const checkTroubles = lookForTrouble({
    log,
    options: resolved,
    claims,
    troubles,
    isClosed: guard.isClosed,
  });
  const collect = guard.reading(() =>
    concat(collectGarbage(log, resolved, pins.lowWatermark, guard.isClosed), checkTroubles),
  );
  const { gcAgeThreshold, gcCadence, retention } = resolved;
  if (gcAgeThreshold > 0 || Object.keys(defined(retention)).length > 0) {
    const run = collect.pipe(
      catchError((cause) => {
        const message = `garbage collection failed and will be retried: ${textOf(cause)}`;
        troubles.report({ kind: 'garbage-collection-failed', message, cause });
        return EMPTY;
      }),
    );
    background.add(
      unrefInterval(gcCadence, scheduler)
        .pipe(exhaustMap(() => run))
        .subscribe(),
    );
  }

  let isEngineClosed = false;
  const leases = createCheckedLeases(log, guard, () => isEngineClosed);
  const managerReports = createManagerReports(log, guard);
  const close = () =>
    guard.close(() => {
      isEngineClosed = true;
      background.unsubscribe();
      troubles.end();
      keepAlive.end();
      managerReports?.end();
      const engineClosed = log.close();
      appends.wake();
      filteredAppends.wakeAll();
      return engineClosed;
    });

  const store: EventStore<E> = {
    closed$: inOwnContext(guard.closed$),
    trouble$: inOwnContext(troubles.trouble$),
    internals: {
      scheduler,
      logger,
      retainFrom: pins.retainFrom,
      keepAlive: keepAlive.hold,
      claim: claims.claim,
      leases,
      reports: managerReports?.reports,
      isPartitioned: createPartitionCheck(log, guard),
      backlog: (position) => guard.reading(() => readBacklog(log, position)),
    },

    storeEvent: (request) =>
      promiseTry(() => {
        guard.assertOpen();
        const append = (publisher?: AppendPublisher) => writer.storeEvent(request, publisher);
        return publishAppend(store as EventStore, [request], append) as Promise<E>;
      }),
    async storeEvents(requests) {
      guard.assertOpen();
      const append = (publisher?: AppendPublisher) => writer.storeEvents(requests, publisher);
      return (await publishAppend(store as EventStore, requests, append)) as readonly E[];
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
        return durableWrite(log.storeCheckpoint(watcherId, seqNum, fence));
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
      const [all] = await Promise.all([
        firstValueFrom(guard.reading(() => log.checkpoints())),
        log.deleteCheckpoint(watcherId),
      ]);
      const partitions = [...all.keys()].filter((id) => partitionNameOf(id)?.watcherId === watcherId);
      if (partitions.length === 0) return;
      guard.assertOpen();
      await Promise.all(partitions.map((id) => log.deleteCheckpoint(id)));
    },

    storeDeadLetter: (deadLetter, checkpoint, fence, partitionId) =>
      promiseTry(() => {
        guard.assertOpen();
        checkFence(log, fence);
        return deadLetters.store(deadLetter, checkpoint, fence, partitionId);
      }),
    deadLetters: (watcherId) => guard.reading(() => deadLetters.read(watcherId) as Observable<DeadLetter<E>>),
    async deleteDeadLetter(watcherId, seqNum) {
      guard.assertOpen();
      await deadLetters.delete(watcherId, seqNum);
    },

    leases: () => guard.reading(() => log.leases?.all() ?? of(new Map<string, Lease>())),
    info: () => guard.reading(() => readInfo(log)),
    watchers: () => guard.reading(() => readWatchers(log, () => scheduler.now())),

    collectGarbage: () => lastValueFrom(collect),

    ...(log.importRecords && {
      async importEvents(after: number, events: readonly E[]) {
        guard.assertOpen();
        return writer.importEvents(after, events);
      },
    }),
    ...(hasTransactions(log) && {
      transaction: <R>(work: TransactionWork<E, R>) =>
        promiseTry(() => {
          guard.assertOpen();
          return transact(store as EventStore, log, writer, work);
        }),
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { store, guard };
}

/**
 * Creates a store on an engine of your own. The store validates arguments, serializes objects, wakes waiting readers and
 * collects garbage. For the engines of this library, use `createMemoryStore`, `openLmdbStore` or `openJetStreamStore`.
 *
 * @throws {@link InvalidOptionsError} if the engine or an option is not valid. The error lists all faults.
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
