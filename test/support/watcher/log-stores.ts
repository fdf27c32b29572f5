import * as E from 'fp-ts/lib/Either.js';
import { defer, type SchedulerLike } from 'rxjs';
import type { EventLog } from '../../../src/engine/contract/event-log.ts';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { DeserializationError } from '../../../src/errors.ts';
import { createEventStore } from '../../../src/store/create-event-store.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { jsonSerializer } from '../../../src/store/serialization/json-serializer.ts';
import type { Serializer } from '../../../src/store/serialization/serializer.ts';
import { fill } from './fill.ts';

/** Creates a memory store, and a function that trims its log. */
export function trimmableStore(scheduler: SchedulerLike) {
  const log = createMemoryEventLog();
  const trim = (maxSeqNum: number): void =>
    void log.trim({
      maxSeqNum,
      maxTimestamp: Number.POSITIVE_INFINITY,
      respectCheckpoints: false,
      maxRecords: Number.POSITIVE_INFINITY,
    });
  return { store: createEventStore(log, { scheduler, gcAgeThreshold: 0 }), trim };
}

/** Creates a memory store, and a counter of the reads of its log. */
export function readCountingStore(scheduler: SchedulerLike): { store: EventStore; count: { reads: number } } {
  const log = createMemoryEventLog();
  const count = { reads: 0 };
  const read: EventLog['read'] = (request) =>
    defer(() => {
      count.reads++;
      return log.read(request);
    });
  return { store: createEventStore({ ...log, read }, { scheduler, gcAgeThreshold: 0 }), count };
}

const json = jsonSerializer();
const failingForBad: Serializer = {
  ...json,
  decode: (bytes, objectType) =>
    objectType === 'Bad'
      ? E.left(new DeserializationError([{ path: 'object', message: 'no such thing' }]))
      : json.decode(bytes, objectType),
};

/** Creates a memory store with one event of each object type. Events of type `Bad` cannot be decoded. */
export function undecodableStore(scheduler: SchedulerLike, ...objectTypes: string[]): EventStore {
  const log = createMemoryEventLog();
  fill(createEventStore(log, { scheduler, gcAgeThreshold: 0 }), ...objectTypes);
  return createEventStore(log, { scheduler, gcAgeThreshold: 0, serializer: failingForBad });
}
