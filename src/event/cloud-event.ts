import type * as t from 'io-ts';
import { InvalidOptionsError } from '../errors.ts';
import { checkAll } from '../validation/check.ts';
import { fields, options } from '../validation/options.ts';
import { described, typeName, validDate, wholeFrom } from '../validation/types.ts';
import type { Event, Operation } from './event.ts';
import { contextFields, type EventContext } from './event-context.ts';
import { OperationCodec } from './event-filter.ts';

/**
 * Event in the JSON format of CloudEvents 1.0, as {@link toCloudEvent} creates it. All other attributes are entries of the
 * metadata, under the same names.
 *
 * @typeParam T - Type of the object.
 */
export interface CloudEvent<T = unknown> {
  /** Version of CloudEvents. */
  readonly specversion: '1.0';
  /** Id of the event; for an event without an id, its sequence number as text. */
  readonly id: string;
  /** Identity of the log; `source` and `id` together are unique. */
  readonly source: string;
  /** Object type and operation, for example `Job.create`, `Job.update` or `Job.delete`. */
  readonly type: string;
  /** Key of the event. */
  readonly subject?: string;
  /** Timestamp of the event, for example `2026-01-31T12:00:00.000Z`. */
  readonly time: string;
  /** Media type of `data`. */
  readonly datacontenttype: 'application/json';
  /** Object of the event. */
  readonly data: T;
  /** Operation of the event, for example `'CREATE'`. */
  readonly rxoperation: Operation;
  /** Sequence number of the event, as text, because an integer of CloudEvents has only 32 bits. */
  readonly rxseqnum: string;
  /**
   * JSON text of the fields of the event that the other attributes cannot represent. An example is metadata with the name
   * `userId`, because names of attributes have only lower-case characters.
   */
  readonly rxfields?: string;
  /** Entries of the metadata that CloudEvents permits as attributes. */
  readonly [attribute: string]: unknown;
}

/** Fields of an event that the attributes of a CloudEvent cannot represent. `rxfields` contains them as JSON text. */
export interface UnrepresentedFields extends EventContext {
  /** Object type of the event. */
  readonly objectType?: string;
}

/** Names of attributes with a fixed meaning. A metadata entry with one of these names does not become an attribute. */
export const ATTRIBUTES: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'datacontenttype',
  'dataschema',
  'data',
  'rxoperation',
  'rxseqnum',
  'rxfields',
]);

/** Codec of the identity of a log: a URI reference. */
export const sourceCodec = described(
  'a URI reference, for example /orders',
  (value): value is string => typeof value === 'string' && /^[^\s\p{Cc}\p{Surrogate}]+$/u.test(value),
);

const EventCodec = fields('an event', {
  seqNum: wholeFrom(1),
  operation: OperationCodec,
  objectType: typeName,
  timestamp: validDate,
  ...contextFields,
});
type CheckedEvent = t.TypeOf<typeof EventCodec>;

const OptionsCodec = options("{ source: '/orders' }", {}, { source: sourceCodec });

/** Characters that CloudEvents forbids in strings. */
const INVALID = /[\p{Cc}\p{Noncharacter_Code_Point}]/gu;

const isText = (text: string): boolean => text !== '' && text.search(INVALID) === -1;

/**
 * Returns whether a text can be the `id` of the CloudEvent. A text of digits alone cannot, because it would look like the
 * sequence number that replaces a missing id.
 */
const isDistinctId = (id: string): boolean => isText(id) && !/^\d+$/.test(id);

const isAttribute = ([name, value]: [string, string]): boolean =>
  /^[a-z0-9]{1,20}$/.test(name) && !ATTRIBUTES.has(name) && isText(value);

/** Returns the fields that attributes cannot represent. */
function unrepresented({ objectType, key, id, metadata }: CheckedEvent): UnrepresentedFields {
  const entries = Object.entries(metadata ?? {});
  const others = entries.filter((entry) => !isAttribute(entry));
  const hasOthers = others.length > 0 || (metadata !== undefined && entries.length === 0);
  return {
    ...(!isText(objectType) && { objectType }),
    ...(key !== undefined && !isText(key) && { key }),
    ...(id !== undefined && !isDistinctId(id) && { id }),
    ...(hasOthers && { metadata: Object.fromEntries(others) }),
  };
}

/** Returns the escape sequence of a UTF-16 code unit in JSON text. */
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Returns a value as JSON text. Escapes the characters that CloudEvents forbids in strings. */
const toJsonText = (value: object): string =>
  JSON.stringify(value).replace(INVALID, (character) => character.split('').map(escaped).join(''));

/**
 * Returns an event as a CloudEvent 1.0 in the JSON format, for example to send it to a broker or a webhook.
 * {@link fromCloudEvent} restores the request of the event, with its key, id and metadata.
 *
 * Metadata entries become extension attributes if CloudEvents permits their names and values. `data` is the object itself, so
 * JSON must be able to represent it.
 *
 * @param options - `source`: identity of the log, a URI reference. Two logs must not have the same source.
 * @throws {@link InvalidOptionsError} if the event or an option is not valid.
 * @see [Keys, ids and metadata](../../docs/guides/keys-ids-and-metadata.md#cloudevents)
 * @example
 * store.events(latest()).pipe(map((event) => JSON.stringify(toCloudEvent(event, { source: '/orders' }))))
 */
export function toCloudEvent<T>(event: Event<T>, options: { readonly source: string }): CloudEvent<T> {
  const checked = checkAll(
    { event: [EventCodec, event], '': [OptionsCodec, options] },
    (faults) => new InvalidOptionsError('arguments of toCloudEvent', faults),
  );
  const { seqNum, operation, objectType, timestamp, key, id, metadata } = checked.event;
  const others = unrepresented(checked.event);
  return {
    ...Object.fromEntries(Object.entries(metadata ?? {}).filter(isAttribute)),
    specversion: '1.0',
    id: id !== undefined && isDistinctId(id) ? id : String(seqNum),
    source: checked[''].source,
    type: `${objectType.replace(INVALID, '\ufffd')}.${operation.toLowerCase()}`,
    ...(key !== undefined && isText(key) && { subject: key }),
    time: timestamp.toISOString(),
    datacontenttype: 'application/json',
    data: event.object,
    rxoperation: operation,
    rxseqnum: String(seqNum),
    ...(Object.keys(others).length > 0 && { rxfields: toJsonText(others) }),
  };
}
