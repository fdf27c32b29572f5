import { EventFilterCodec } from '../event/event-filter.ts';
import { EventIteratorCodec } from '../event/event-iterator.ts';
import {
  type Event,
  type EventFilter,
  type EventIterator,
  type Fault,
  InvalidOptionsError,
  SequenceTrimmedError,
  type StoreEventRequest,
} from '../index.ts';
import { check, checkAll } from '../validation/check.ts';
import { options } from '../validation/options.ts';
import { wholeFrom } from '../validation/types.ts';

/** Whether a filter lets an event through: a list that is empty lets everything. */
const matches = ({ objectTypes = [], operations = [] }: EventFilter, event: Event): boolean =>
  (objectTypes.length === 0 || objectTypes.includes(event.objectType)) &&
  (operations.length === 0 || operations.includes(event.operation));

/** What a page is asked for. */
export interface PageQuery {
  /** Where to start. */
  readonly iterator: EventIterator;
  /** Which events to give. */
  readonly filter: EventFilter;
  /** The most to give; 0 for no limit. */
  readonly limit: number;
  /** The most to examine. */
  readonly batchSize: number;
}

const PageQueryCodec = options(
  '{ iterator: trimHorizon(), filter: {}, limit: 0, batchSize: 100 }',
  {},
  { iterator: EventIteratorCodec, filter: EventFilterCodec, limit: wholeFrom(0), batchSize: wholeFrom(1) },
);

const invalid = (what: string) => (faults: readonly Fault[]) => new InvalidOptionsError(what, faults);

/**
 * What a log is to its users: an array that is trimmed at the front, and a table of checkpoints. Property tests compare
 * a store with it.
 *
 * @example
 * const model = new LogModel();
 * model.append([request()], 0);
 * expect(await readAll(store)).toEqual(model.replay(trimHorizon(), {}));
 */
export class LogModel {
  /** Every event that was ever stored. */
  readonly events: Event[] = [];
  /** The checkpoints, by watcher. */
  readonly checkpoints = new Map<string, number>();
  /** The oldest event still held. */
  oldest = 1;

  /** The number of the event that was stored last; 0 if none was. */
  get latest(): number {
    return this.events.length;
  }

  /** Stores some at a time, in milliseconds since 1970. */
  append(requests: readonly StoreEventRequest[], now: number): readonly Event[] {
    const timestamp = new Date(Math.max(now, this.events.at(-1)?.timestamp.getTime() ?? 0));
    const stored = requests.map((request, index) => ({
      ...request,
      seqNum: this.latest + 1 + index,
      timestamp,
    }));
    this.events.push(...stored);
    return stored;
  }

  /** Lets go of everything up to a number. */
  trim(through: number): void {
    this.oldest = Math.max(this.oldest, Math.min(through, this.latest) + 1);
  }

  /** The number after which an iterator begins. */
  private start(iterator: EventIterator): number {
    switch (iterator.type) {
      case 'trim_horizon':
        return this.oldest - 1;
      case 'latest':
        return this.latest;
      case 'at_timestamp': {
        const held = this.events.slice(this.oldest - 1);
        return (
          (held.find((event) => event.timestamp.getTime() >= iterator.timestamp)?.seqNum ?? this.latest + 1) -
          1
        );
      }
      case 'at_sequence_number':
        return this.held(Math.max(0, iterator.sequenceNumber - 1), iterator.sequenceNumber);
      case 'after_sequence_number':
        return this.held(iterator.sequenceNumber, iterator.sequenceNumber);
    }
  }

  private held(after: number, requested: number): number {
    if (after + 1 < this.oldest) throw new SequenceTrimmedError(requested, this.oldest);
    return after;
  }

  /**
   * What a replay from an iterator gives.
   *
   * @throws SequenceTrimmedError
   * @throws InvalidOptionsError if an argument is not valid.
   */
  replay(iterator: EventIterator, filter: EventFilter): readonly Event[] {
    checkAll(
      { iterator: [EventIteratorCodec, iterator], filter: [EventFilterCodec, filter] },
      invalid('arguments of replay'),
    );
    return this.events.slice(this.start(iterator)).filter((event) => matches(filter, event));
  }

  /**
   * What a page is.
   *
   * @throws SequenceTrimmedError
   * @throws InvalidOptionsError if the query is not valid.
   */
  page(query: PageQuery): {
    events: readonly Event[];
    nextEventIterator: EventIterator;
  } {
    const { iterator, filter, limit, batchSize } = check(PageQueryCodec, query, invalid('query of a page'));
    const after = this.start(iterator);
    const events: Event[] = [];
    let through = after;
    for (const event of this.events.slice(after, after + batchSize)) {
      if (limit > 0 && events.length === limit) break;
      if (matches(filter, event)) events.push(event);
      through = event.seqNum;
    }
    const stays = through === after && 'sequenceNumber' in iterator;
    return {
      events,
      nextEventIterator: stays ? iterator : { type: 'after_sequence_number', sequenceNumber: through },
    };
  }
}
