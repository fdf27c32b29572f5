import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import type { AppendResult, EventLog } from '../../engine/contract/event-log.ts';
import type { NewRecord } from '../../engine/contract/record.ts';
import { type Fault, InvalidRequestError, SerializationError } from '../../errors.ts';
import type { Event, StoreEventRequest } from '../../event/event.ts';
import { timeOf } from '../../scheduling/clock.ts';
import { check } from '../../validation/check.ts';
import { fields } from '../../validation/options.ts';
import { listOf, typeName, validDate, wholeFrom } from '../../validation/types.ts';
import type { RecordCodec } from '../serialization/record-codec.ts';
import type { EncodedRequest } from './encode-request.ts';
import { operationName, StoreEventRequestCodec } from './encode-request.ts';

const invalid = (faults: readonly Fault[]) => new InvalidRequestError(faults);

const Requests = listOf(StoreEventRequestCodec, 'an array of requests { operation, objectType, object }');
const ImportedEvents = fields('an array of events', {
  after: wholeFrom(0),
  events: listOf(
    fields('an event', {
      operation: operationName,
      objectType: typeName,
      object: t.unknown,
      seqNum: wholeFrom(1),
      timestamp: validDate,
    }),
    'an array of events',
  ),
});

/** What is wrong with events together: each is to follow the one before. */
const outOfOrder = ({ after, events }: t.TypeOf<typeof ImportedEvents>): readonly Fault[] =>
  events.flatMap(({ seqNum, timestamp }, index): Fault[] => {
    const expected = after + 1 + index;
    const earliest = events[index - 1]?.timestamp ?? timestamp;
    const rules: readonly [boolean, Fault][] = [
      [
        seqNum === expected,
        { path: `events.${index}.seqNum`, message: `must be ${expected}; received ${seqNum}` },
      ],
      [
        timestamp >= earliest,
        {
          path: `events.${index}.timestamp`,
          message: 'must not be earlier than the time of the event before',
        },
      ],
    ];
    return rules.filter(([holds]) => !holds).map(([, fault]) => fault);
  });

/** Requests in, stored events out. */
export interface EventWriter {
  /**
   * Stores one event.
   *
   * @throws InvalidRequestError, SerializationError, at the call.
   */
  storeEvent(request: unknown): Promise<Event>;
  /** Stores several, all or none. */
  storeEvents(requests: unknown): Promise<readonly Event[]>;
  /** Stores events of another log as they are there, if they follow on; the engine can. */
  importEvents(after: unknown, events: unknown): Promise<boolean>;
  /** Stores one by means of `append`, which does it at once. */
  storeWithin(request: unknown, append: (drafts: readonly NewRecord[], now: number) => AppendResult): Event;
}

/** Makes the writer of an engine. What it refuses, it refuses before anything is written. */
export function createEventWriter(log: EventLog, codec: RecordCodec, scheduler: SchedulerLike): EventWriter {
  const now = () => Math.floor(timeOf(scheduler));

  const capture = (request: unknown): EncodedRequest =>
    codec.capture(check(StoreEventRequestCodec, request, invalid));
  /** Whoever restores an event knows it by its number. */
  const captureOf = (seqNum: number, request: StoreEventRequest): EncodedRequest => {
    try {
      return codec.capture(request);
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      const faults = error.faults.map((fault) => ({ ...fault, path: `event ${seqNum}.${fault.path}` }));
      throw new SerializationError(request.objectType, faults, { cause: error });
    }
  };
  return {
    storeEvent(request) {
      const captured = capture(request);
      return log
        .append([captured.draft], now())
        .then(({ firstSeqNum, timestamp }) =>
          codec.toStoredEvent(captured, { seqNum: firstSeqNum, timestamp }),
        );
    },
    async storeEvents(requests) {
      const checked = check(Requests, requests, invalid);
      const captured = codec.captureAll(checked);
      if (captured.length === 0) return [];
      const drafts = captured.map(({ draft }) => draft);
      const { firstSeqNum, seqNums, timestamp } = await log.append(drafts, now());
      return captured.map((one, index) =>
        codec.toStoredEvent(one, { seqNum: seqNums?.[index] ?? firstSeqNum + index, timestamp }),
      );
    },
    async importEvents(after, events) {
      const checked = check(ImportedEvents, { after, events }, invalid);
      const faults = outOfOrder(checked);
      if (faults.length > 0) throw new InvalidRequestError(faults);
      const records = checked.events.map(({ seqNum, timestamp, ...request }) => ({
        seqNum,
        timestamp: timestamp.getTime(),
        ...captureOf(seqNum, request as StoreEventRequest).draft,
      }));
      return log.importRecords?.(checked.after, records) ?? false;
    },
    storeWithin(request, appendAtOnce) {
      const captured = capture(request);
      const { firstSeqNum, timestamp } = appendAtOnce([captured.draft], now());
      return codec.toUncommittedEvent(captured, { seqNum: firstSeqNum, timestamp });
    },
  };
}
