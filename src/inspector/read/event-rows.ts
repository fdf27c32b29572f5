import { catchError, firstValueFrom, map, type Observable, take } from 'rxjs';
import { DeserializationError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, atSequenceNumber, type EventIterator } from '../../event/event-iterator.ts';
import { serializedErrors } from '../../store/dead-letter.ts';
import type { GetEventsRequest } from '../../store/event-store.ts';
import type { EventDetail, EventRow } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { jsonBeginOf, jsonTextOf } from '../json-text.ts';

/** Maximum number of characters of a preview. */
const PREVIEW_LENGTH = 200;

/** Event that was read. If its object cannot be decoded, the object is missing. */
export interface ReadEvent {
  readonly event: Event;
  /** Error of an object that cannot be decoded. */
  readonly error?: unknown;
}

/** Events of one read, with the position after it. */
export interface ReadPage {
  readonly events: readonly ReadEvent[];
  readonly next: EventIterator;
}

/**
 * Emits one page of events. An event that cannot be decoded is the only event of its page.
 *
 * @throws DeserializationError if not even the header of an event can be read.
 */
export const readPage = ({ store }: InspectorContext, request: GetEventsRequest): Observable<ReadPage> =>
  store.getEvents(request).pipe(
    map(({ events, nextEventIterator }) => ({
      events: events.map((event) => ({ event })),
      next: nextEventIterator,
    })),
    catchError((error): Observable<ReadPage> => {
      if (!(error instanceof DeserializationError) || error.seqNum === undefined) throw error;
      const { seqNum } = error;
      return store.headers(atSequenceNumber(seqNum), { live: false, batchSize: 1 }).pipe(
        take(1),
        map((header) => ({
          // The function `redact` of the host also receives this event, and can hide its key, id and metadata.
          events: [{ event: { ...header, object: undefined }, error }],
          next: afterSequenceNumber(seqNum),
        })),
      );
    }),
  );

/**
 * Returns the parts of an event that the host shows.
 *
 * @param toText - Returns the object as JSON; `undefined` if JSON cannot represent the object.
 */
function shownOf(
  { redact, redaction }: InspectorContext,
  { event, error }: ReadEvent,
  toText: (object: unknown) => string | undefined,
) {
  const { seqNum, timestamp, operation, objectType } = event;
  const identity = { seqNum, timestamp: timestamp.toISOString(), operation, objectType };
  const parts = redaction.event(event);
  if (parts === undefined) return { row: { ...identity, problem: 'hidden' } as const };
  const { object, metadata, key, id } = parts;
  const text = error === undefined ? toText(object) : undefined;
  const isHidden = redact !== undefined && error === undefined && object === undefined;
  const row = {
    ...identity,
    ...(key !== undefined && { key }),
    ...(id !== undefined && { id }),
    ...(text === undefined && { problem: isHidden ? ('hidden' as const) : ('undecodable' as const) }),
  };
  return { row, text, metadata };
}

export function toRow(context: InspectorContext, read: ReadEvent): EventRow {
  const { row, text } = shownOf(context, read, (object) => jsonBeginOf(object, PREVIEW_LENGTH));
  return { ...row, ...(text !== undefined && { preview: text.slice(0, PREVIEW_LENGTH) }) };
}

/** Returns an event in full: an `EventDetail` as JSON. */
export function toDetailText(context: InspectorContext, read: ReadEvent): string {
  const { row, text, metadata } = shownOf(context, read, jsonTextOf);
  const [error] = read.error === undefined ? [] : serializedErrors(read.error);
  const detail: EventDetail = {
    ...row,
    ...(metadata !== undefined && { metadata }),
    ...(text !== undefined && { size: Buffer.byteLength(text) }),
    ...(error && { error: context.redaction.error(error, { seqNum: row.seqNum }) }),
  };
  const json = JSON.stringify(detail);
  // The object is already JSON text, which can be large and is therefore not parsed again.
  return text === undefined ? json : `${json.slice(0, -1)},"object":${text}}`;
}

/**
 * Returns the event with a sequence number; `undefined` if the log has not reached this number yet.
 *
 * @throws SequenceTrimmedError if the event was deleted.
 */
export async function readEvent(context: InspectorContext, seqNum: number): Promise<ReadEvent | undefined> {
  const iterator = atSequenceNumber(seqNum);
  const request = { iterator, limit: 1, batchSize: 1, longPollingTimeout: 0 };
  const { events } = await firstValueFrom(readPage(context, request));
  return events[0];
}
