import { EventFilterCodec } from '../event/event-filter.ts';
import { EventIteratorCodec } from '../event/event-iterator.ts';
import {
  DuplicateIdError,
  type Event,
  type EventFilter,
  type EventIterator,
  type Fault,
  InvalidOptionsError,
  partitionOf,
  SequenceTrimmedError,
  type StoreEventRequest,
} from '../index.ts';
import { check, checkAll } from '../validation/check.ts';
import { options } from '../validation/options.ts';
import { wholeFrom } from '../validation/types.ts';

/** Returns whether an event matches a filter. An empty list matches everything. */
const matches = (
  { objectTypes = [], operations = [], keys = [], partition }: EventFilter,
  { objectType, operation, key }: Event,
): boolean =>
  (objectTypes.length === 0 || objectTypes.includes(objectType)) &&
  (operations.length === 0 || operations.includes(operation)) &&
  (keys.length === 0 || (key !== undefined && keys.includes(key))) &&
  (partition === undefined || partitionOf(key ?? '', partition.count) === partition.index);

/** Throws a `DuplicateIdError` if two events with the same id have different operations, object types or keys. */
function assertSameEvent(
  first: StoreEventRequest,
  second: StoreEventRequest,
  seqNum: number | undefined,
): void {
  const names = ['operation', 'objectType', 'key'] as const;
  const differences = names.filter((name) => first[name] !== second[name]);
  if (differences.length > 0) throw new DuplicateIdError(second.id ?? '', seqNum, differences);
}

/** Arguments of `page` of {@link LogModel}. */
export interface PageQuery {
  /** Position at which the page starts. */
  readonly iterator: EventIterator;
  /** Filter that the events of the page must match; `{}` matches every event. */
  readonly filter: EventFilter;
  /** Maximum number of events in the page; 0 for no limit. */
  readonly limit: number;
  /** Maximum number of scanned events. */
  readonly batchSize: number;
}

const PageQueryCodec = options(
  '{ iterator: trimHorizon(), filter, limit: 0, batchSize: 100 }',
  {},
  { iterator: EventIteratorCodec, filter: EventFilterCodec, limit: wholeFrom(0), batchSize: wholeFrom(1) },
);

const invalid = (what: string) => (faults: readonly Fault[]) => new InvalidOptionsError(what, faults);

/**
 * Model of a log for property tests: an array that is trimmed at the front, and a table of checkpoints.
 *
 * A test applies the same operations to a store and to the model, and compares the results.
 *
 * @example
 * const model = new LogModel();
 * model.append([request()], 0);
 * expect(await readAll(store)).toEqual(model.replay(trimHorizon(), {}));
 */
export class LogModel {
  /** All events that were ever stored, including trimmed ones. */
  readonly events: Event[] = [];
  /** Checkpoints by watcher id. */
  readonly checkpoints = new Map<string, number>();
  /** Sequence number of the oldest event that was not trimmed. */
  oldest = 1;

  /** Sequence number of the last stored event; 0 for an empty log. */
  get latest(): number {
    return this.events.length;
  }

  /**
   * Appends events. A request with the id of an event that was not trimmed stores nothing, and returns that event.
   *
   * @param now - Time of the append, in milliseconds since 1970.
   * @returns The event of each request, in the order of the requests.
   * @throws DuplicateIdError if an event with the same id has another operation, object type or key. Nothing is stored.
   */
  append(requests: readonly StoreEventRequest[], now: number): readonly Event[] {
    const timestamp = new Date(Math.max(now, this.events.at(-1)?.timestamp.getTime() ?? 0));
    const firstById = new Map<string, StoreEventRequest>();
    for (const request of requests) {
      if (request.id === undefined) continue;
      assertSameEvent(firstById.get(request.id) ?? request, request, undefined);
      if (!firstById.has(request.id)) firstById.set(request.id, request);
    }
    for (const [id, request] of firstById) {
      const held = this.heldEvent(id);
      if (held !== undefined) assertSameEvent(held, request, held.seqNum);
    }
    return requests.map((request) => {
      const held = this.heldEvent(request.id);
      if (held !== undefined) return held;
      const event = { ...request, seqNum: this.latest + 1, timestamp };
      this.events.push(event);
      return event;
    });
  }

  /** Returns the event with an id; `undefined` if no event has this id, or the event was trimmed. */
  private heldEvent(id: string | undefined): Event | undefined {
    if (id === undefined) return undefined;
    return this.events.slice(this.oldest - 1).find((event) => event.id === id);
  }

  /** Deletes the events up to a sequence number, including the event with this number. They stay in `events`. */
  trim(maxSeqNum: number): void {
    this.oldest = Math.max(this.oldest, Math.min(maxSeqNum, this.latest) + 1);
  }

  /** Returns the sequence number after which an iterator begins. */
  private resolve(iterator: EventIterator): number {
    switch (iterator.type) {
      case 'trim_horizon':
        return this.oldest - 1;
      case 'latest':
        return this.latest;
      case 'at_timestamp': {
        const events = this.events.slice(this.oldest - 1);
        const first = events.find((event) => event.timestamp.getTime() >= iterator.timestamp);
        return (first?.seqNum ?? this.latest + 1) - 1;
      }
      case 'at_sequence_number':
        return this.untrimmed(Math.max(0, iterator.sequenceNumber - 1), iterator.sequenceNumber);
      case 'after_sequence_number':
        return this.untrimmed(iterator.sequenceNumber, iterator.sequenceNumber);
    }
  }

  /** Returns `after`. Throws a `SequenceTrimmedError` if the event after this number was trimmed. */
  private untrimmed(after: number, requested: number): number {
    if (after + 1 < this.oldest) throw new SequenceTrimmedError(requested, this.oldest);
    return after;
  }

  /**
   * Returns the events that a replay from `iterator` emits now.
   *
   * @throws SequenceTrimmedError if the iterator names a sequence number and begins before the oldest event.
   * @throws InvalidOptionsError if an argument is not valid.
   */
  replay(iterator: EventIterator, filter: EventFilter): readonly Event[] {
    checkAll(
      { iterator: [EventIteratorCodec, iterator], filter: [EventFilterCodec, filter] },
      invalid('arguments of replay'),
    );
    return this.events.slice(this.resolve(iterator)).filter((event) => matches(filter, event));
  }

  /**
   * Returns the page that `getEvents` emits now. Unlike `getEvents`, it does not wait if there are no events.
   *
   * @throws SequenceTrimmedError if the iterator names a sequence number and begins before the oldest event.
   * @throws InvalidOptionsError if the query is not valid.
   */
  page(query: PageQuery): {
    events: readonly Event[];
    nextEventIterator: EventIterator;
  } {
    const { iterator, filter, limit, batchSize } = check(PageQueryCodec, query, invalid('query of a page'));
    const after = this.resolve(iterator);
    const events: Event[] = [];
    let lastScanned = after;
    for (const event of this.events.slice(after, after + batchSize)) {
      if (limit > 0 && events.length === limit) break;
      if (matches(filter, event)) events.push(event);
      lastScanned = event.seqNum;
    }
    const isUnchanged = lastScanned === after && 'sequenceNumber' in iterator;
    return {
      events,
      nextEventIterator: isUnchanged
        ? iterator
        : { type: 'after_sequence_number', sequenceNumber: lastScanned },
    };
  }
}
