import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import { type Fault, InvalidRequestError } from '../errors.ts';
import type { Event, StoreEventRequest } from '../event/event.ts';
import { check } from '../validation/check.ts';
import type { Appended, EventLog, RecordDraft } from './event-log.ts';
import type { RecordCodec } from './record-codec.ts';
import { StoreEventRequestCodec } from './request-codec.ts';

const invalid = (faults: readonly Fault[]) => new InvalidRequestError(faults);

/** Requests in, stored events out. */
export interface Writer {
  /** Stores one event. */
  storeEvent(request: unknown): Promise<Event>;
  /** Stores several, all or none. */
  storeEvents(requests: unknown): Promise<readonly Event[]>;
  /** Stores one by means of `append`, which does it at once. */
  storeWithin(request: unknown, append: (drafts: readonly RecordDraft[], now: number) => Appended): Event;
}

/** Makes the writer of an engine. What it refuses, it refuses before anything is written. */
export function createWriter(log: EventLog, codec: RecordCodec, scheduler: SchedulerLike): Writer {
  const now = () => Math.floor(scheduler.now());

  const toDraft = (request: unknown): RecordDraft => {
    const checked: StoreEventRequest = check(StoreEventRequestCodec, request, invalid);
    return codec.toDraft(checked);
  };
  const toEvents = (drafts: readonly RecordDraft[], { firstSeqNum, timestamp }: Appended): readonly Event[] =>
    drafts.map((draft, index) => codec.toEvent({ ...draft, seqNum: firstSeqNum + index, timestamp }));

  return {
    async storeEvent(request) {
      const drafts = [toDraft(request)];
      return toEvents(drafts, await log.append(drafts, now()))[0] as Event;
    },
    async storeEvents(requests) {
      const checked: readonly StoreEventRequest[] = check(
        t.readonlyArray(StoreEventRequestCodec),
        requests,
        invalid,
      );
      const drafts = codec.toDrafts(checked);
      return drafts.length === 0 ? [] : toEvents(drafts, await log.append(drafts, now()));
    },
    storeWithin(request, append) {
      const draft = toDraft(request);
      const { firstSeqNum, timestamp } = append([draft], now());
      return codec.toUncommittedEvent({ ...draft, seqNum: firstSeqNum, timestamp });
    },
  };
}
