import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import { assertDuplicate } from '../../engine/contract/assert-duplicate.ts';
import type { AppendResult, EventLog } from '../../engine/contract/event-log.ts';
import type { NewRecord } from '../../engine/contract/record.ts';
import { type Fault, InvalidRequestError, SerializationError } from '../../errors.ts';
import type { Event, StoreEventRequest } from '../../event/event.ts';
import { contextFields, type Metadata, withMetadata } from '../../event/event-context.ts';
import { OperationCodec } from '../../event/event-filter.ts';
import { timeOf } from '../../scheduling/clock.ts';
import { check } from '../../validation/check.ts';
import { fields } from '../../validation/options.ts';
import { listOf, typeName, validDate, wholeFrom } from '../../validation/types.ts';
import type { RecordCodec } from '../serialization/record-codec.ts';
import type { AppendPublisher } from './append-channel.ts';
import type { EncodedRequest } from './encode-request.ts';
import { StoreEventRequestCodec } from './encode-request.ts';

const invalid = (faults: readonly Fault[]) => new InvalidRequestError(faults);

const Requests = listOf(StoreEventRequestCodec, 'an array of requests { operation, objectType, object }');
const ImportedEvents = fields('an array of events', {
  after: wholeFrom(0),
  events: listOf(
    fields('an event', {
      operation: OperationCodec,
      objectType: typeName,
      object: t.unknown,
      seqNum: wholeFrom(1),
      timestamp: validDate,
      ...contextFields,
    }),
    'an array of events',
  ),
});

/** Returns the faults of events that do not follow the event before them, by sequence number or timestamp. */
const orderFaults = ({ after, events }: t.TypeOf<typeof ImportedEvents>): readonly Fault[] =>
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
          message: `must not be earlier than the timestamp of the previous event, ${earliest.toISOString()}; received ${timestamp.toISOString()}`,
        },
      ],
    ];
    return rules.filter(([holds]) => !holds).map(([, fault]) => fault);
  });

/** Part of a store that validates and encodes requests, and appends them. */
export interface EventWriter {
  /**
   * Stores one event.
   *
   * @param publisher - Publisher of the end of the append. The metadata of the publisher is added to the event, unless the
   *   request already has one of the names, or the metadata of the event would become invalid.
   * @throws {@link InvalidRequestError} if the request is not valid. The error is thrown synchronously.
   * @throws {@link SerializationError} if the object cannot be serialized. The error is thrown synchronously.
   */
  storeEvent(request: unknown, publisher?: AppendPublisher): Promise<Event>;
  /** Stores several events, all or none. */
  storeEvents(requests: unknown, publisher?: AppendPublisher): Promise<readonly Event[]>;
  /** Imports events of another log. Returns whether `after` is the last number of this log; if not, stores nothing. */
  importEvents(after: unknown, events: unknown): Promise<boolean>;
  /** Stores one event inside a transaction, with the synchronous `append` of the transaction. */
  storeWithin(
    request: unknown,
    append: (records: readonly NewRecord[], now: number) => AppendResult,
    metadata?: Metadata,
  ): Event;
}

/** Requests of a batch, without those that repeat the id of an earlier request. */
interface UniqueRequests {
  /** Requests with different ids or without an id. */
  readonly unique: readonly EncodedRequest[];
  /** For each request of the batch, the index of its request in `unique`. */
  readonly indexes: readonly number[];
}

/**
 * Merges the requests of a batch that have the same id, because an engine accepts each id only once per append.
 *
 * @throws {@link DuplicateIdError} if requests with the same id are different events.
 */
function uniqueRequests(requests: readonly EncodedRequest[]): UniqueRequests {
  const unique: EncodedRequest[] = [];
  const indexById = new Map<string, number>();
  const indexes = requests.map((request) => {
    const { id } = request.record;
    const first = id === undefined ? undefined : indexById.get(id);
    if (first !== undefined) {
      assertDuplicate((unique[first] as EncodedRequest).record, request.record, undefined);
      return first;
    }
    if (id !== undefined) indexById.set(id, unique.length);
    return unique.push(request) - 1;
  });
  return { unique, indexes };
}

/** Creates the event writer of an engine. The writer validates all arguments before its first write. */
export function createEventWriter(log: EventLog, codec: RecordCodec, scheduler: SchedulerLike): EventWriter {
  const now = () => Math.floor(timeOf(scheduler));

  const encode = (request: unknown, metadata?: Metadata): EncodedRequest =>
    codec.encode(withMetadata(check(StoreEventRequestCodec, request, invalid), metadata));
  /**
   * Encodes an event to import. Adds its sequence number to the paths of the faults, because the caller of an import
   * identifies events by this number.
   */
  const encodeImported = (seqNum: number, request: StoreEventRequest): EncodedRequest => {
    try {
      return codec.encode(request);
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      const faults = error.faults.map((fault) => ({ ...fault, path: `event ${seqNum}.${fault.path}` }));
      throw new SerializationError(request.objectType, faults, { cause: error });
    }
  };
  /** Returns the event of a request after an append. `index` is the index of its record in the append. */
  const storedEvent = (encoded: EncodedRequest, result: AppendResult, index: number): Event => {
    const { firstSeqNum, seqNums, timestamp, duplicates } = result;
    const duplicate = duplicates?.get(index);
    if (duplicate !== undefined) return codec.toDuplicateEvent(duplicate);
    return codec.toStoredEvent(encoded, { seqNum: seqNums?.[index] ?? firstSeqNum + index, timestamp });
  };
  const storeAll = async (requests: unknown, metadata: Metadata): Promise<readonly Event[]> => {
    const checked = check(Requests, requests, invalid);
    const encoded = codec.encodeAll(checked.map((request) => withMetadata(request, metadata)));
    if (encoded.length === 0) return [];
    const { unique, indexes } = uniqueRequests(encoded);
    const records = unique.map(({ record }) => record);
    const result = await log.append(records, now());
    const events = unique.map((request, index) => storedEvent(request, result, index));
    return indexes.map((index) => events[index] as Event);
  };
  return {
    storeEvent(request, publisher) {
      const encoded = encode(request, publisher?.metadata);
      const appended = log.append([encoded.record], now());
      const convert = (result: AppendResult) => storedEvent(encoded, result, 0);
      if (publisher === undefined) return appended.then(convert);
      // One callback publishes and converts, because a second Promise would take longer than publishing the messages.
      return appended.then(
        (result) => publisher.resolved(() => convert(result)),
        (error) => publisher.rejected(error),
      );
    },
    storeEvents(requests, publisher) {
      const stored = storeAll(requests, publisher?.metadata);
      if (publisher === undefined) return stored;
      return stored.then(
        (events) => publisher.resolved(() => events),
        (error) => publisher.rejected(error),
      );
    },
    async importEvents(after, events) {
      const checked = check(ImportedEvents, { after, events }, invalid);
      const faults = orderFaults(checked);
      if (faults.length > 0) throw new InvalidRequestError(faults);
      const records = checked.events.map(({ seqNum, timestamp, ...request }) => ({
        seqNum,
        timestamp: timestamp.getTime(),
        ...encodeImported(seqNum, request as StoreEventRequest).record,
      }));
      return log.importRecords?.(checked.after, records) ?? false;
    },
    storeWithin(request, append, metadata) {
      const encoded = encode(request, metadata);
      const { firstSeqNum, timestamp, duplicates } = append([encoded.record], now());
      const duplicate = duplicates?.get(0);
      if (duplicate !== undefined) return codec.toDuplicateEvent(duplicate);
      return codec.toUncommittedEvent(encoded, { seqNum: firstSeqNum, timestamp });
    },
  };
}
