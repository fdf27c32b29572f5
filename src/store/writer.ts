import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import { type Fault, InvalidRequestError } from '../errors.ts';
import type { Event, StoreEventRequest } from '../event/event.ts';
import { check } from '../validation/check.ts';
import type { Appended, EventLog } from './event-log.ts';
import type { RecordDraft } from './record.ts';
import type { Captured, RecordCodec } from './record-codec.ts';
import { StoreEventRequestCodec } from './request-codec.ts';

const invalid = (faults: readonly Fault[]) => new InvalidRequestError(faults);

/** Requests in, stored events out. */
export interface Writer {
  /**
   * Stores one event.
   *
   * @throws InvalidRequestError, SerializationError, at the call.
   */
  storeEvent(request: unknown): Promise<Event>;
  /** Stores several, all or none. */
  storeEvents(requests: unknown): Promise<readonly Event[]>;
  /** Stores one by means of `append`, which does it at once. */
  storeWithin(request: unknown, append: (drafts: readonly RecordDraft[], now: number) => Appended): Event;
}

/** Makes the writer of an engine. What it refuses, it refuses before anything is written. */
export function createWriter(log: EventLog, codec: RecordCodec, scheduler: SchedulerLike): Writer {
  const now = () => Math.floor(scheduler.now());

  const capture = (request: unknown): Captured =>
    codec.capture(check(StoreEventRequestCodec, request, invalid));
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
      const checked: readonly StoreEventRequest[] = check(
        t.readonlyArray(StoreEventRequestCodec),
        requests,
        invalid,
      );
      const captured = codec.captureAll(checked);
      if (captured.length === 0) return [];
      const drafts = captured.map(({ draft }) => draft);
      const { firstSeqNum, seqNums, timestamp } = await log.append(drafts, now());
      return captured.map((one, index) =>
        codec.toStoredEvent(one, { seqNum: seqNums?.[index] ?? firstSeqNum + index, timestamp }),
      );
    },
    storeWithin(request, appendAtOnce) {
      const captured = capture(request);
      const { firstSeqNum, timestamp } = appendAtOnce([captured.draft], now());
      return codec.toUncommittedEvent(captured, { seqNum: firstSeqNum, timestamp });
    },
  };
}
