import * as t from 'io-ts';
import { defer, map, type Observable } from 'rxjs';
import { type Fault, InvalidOptionsError, InvalidRequestError, StoreClosedError } from '../errors.ts';
import type { Event, StoreEventRequest } from '../event/event.ts';
import { check } from '../validation/check.ts';
import { wholeFrom } from '../validation/numbers.ts';
import { filledText } from '../validation/parts.ts';
import type { EventLog, RecordDraft } from './event-log.ts';
import type { EventStore } from './event-store.ts';
import { createObjectCache } from './object-cache.ts';
import { pollPage } from './poll-page.ts';
import { EventsArguments, GetEventsArguments } from './read-options.ts';
import { createRecordCodec } from './record-codec.ts';
import { replay } from './replay.ts';
import { StoreEventRequestCodec } from './request-codec.ts';
import { resolveStoreOptions, type StoreOptions } from './store-options.ts';
import { createTail } from './tail.ts';

const badRequest = (faults: readonly Fault[]) => new InvalidRequestError(faults);
const badOptions = (what: string) => (faults: readonly Fault[]) => new InvalidOptionsError(what, faults);

const Checkpoint = t.type({ watcherId: filledText, seqNum: wholeFrom(0) });
const CheckpointOwner = t.type({ watcherId: filledText });

/**
 * Makes a store of an engine: checks what comes in, turns objects into bytes and back, waits, and closes.
 *
 * @throws InvalidOptionsError with every fault at once.
 * @example
 * const store = createEventStore(myEngine(), { longPollingTimeout: 1000 });
 */
export function createEventStore<E extends Event = Event>(
  log: EventLog,
  options: StoreOptions,
): EventStore<E> {
  const resolved = resolveStoreOptions(options);
  const { scheduler, logger } = resolved;
  const codec = createRecordCodec(resolved.serializer, createObjectCache(resolved.cacheSize));
  const tail = createTail(scheduler);
  const growth = log.appended$.subscribe(() => tail.wake());
  let closing: Promise<void> | undefined;
  const isClosed = () => closing !== undefined;
  const parts = { log, codec, tail, options: resolved, isClosed };

  const refuseClosed = () => {
    if (isClosed()) throw new StoreClosedError();
  };
  const whileOpen = <T>(read: () => Observable<T>): Observable<T> =>
    defer(() => {
      refuseClosed();
      return read();
    });
  const checkOwner = (watcherId: string) => {
    refuseClosed();
    check(CheckpointOwner, { watcherId }, badOptions('checkpoint'));
  };

  const append = async (drafts: readonly RecordDraft[]): Promise<readonly E[]> => {
    if (drafts.length === 0) return [];
    const { firstSeqNum, timestamp } = await log.append(drafts, Math.floor(scheduler.now()));
    return drafts.map(
      (draft, index) => codec.toEvent({ ...draft, seqNum: firstSeqNum + index, timestamp }) as E,
    );
  };

  return {
    scheduler,
    logger,

    async storeEvent(request) {
      refuseClosed();
      check(StoreEventRequestCodec, request, badRequest);
      const [event] = await append([codec.toDraft(request as StoreEventRequest)]);
      return event as E;
    },

    async storeEvents(requests) {
      refuseClosed();
      check(t.readonlyArray(StoreEventRequestCodec), requests, badRequest);
      return append(codec.toDrafts(requests as readonly StoreEventRequest[]));
    },

    events: (from, eventsOptions = {}) =>
      whileOpen(() => {
        check(EventsArguments, { ...eventsOptions, from }, badOptions('arguments of events'));
        return replay(parts, from, eventsOptions) as Observable<E>;
      }),

    getEvents: (request) =>
      whileOpen(() => {
        check(GetEventsArguments, request, badOptions('request for events'));
        return pollPage(parts, request) as Observable<never>;
      }),

    getLatestSeqNum: () => whileOpen(() => log.bounds().pipe(map(({ latest }) => latest))),

    async storeCheckpoint(watcherId, seqNum) {
      refuseClosed();
      check(Checkpoint, { watcherId, seqNum }, badOptions('checkpoint'));
      await log.storeCheckpoint(watcherId, seqNum);
    },

    getCheckpoint: (watcherId) =>
      whileOpen(() => {
        checkOwner(watcherId);
        return log.getCheckpoint(watcherId);
      }),

    checkpoints: () => whileOpen(() => log.checkpoints()),

    async deleteCheckpoint(watcherId) {
      checkOwner(watcherId);
      await log.deleteCheckpoint(watcherId);
    },

    close() {
      if (closing === undefined) {
        growth.unsubscribe();
        closing = log.close();
        tail.wake();
      }
      return closing;
    },
  };
}
