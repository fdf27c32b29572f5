import * as t from 'io-ts';
import { type Fault, InvalidRequestError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { fields } from '../validation/options.ts';
import { described, oneOf, typeName } from '../validation/types.ts';
import { ATTRIBUTES, sourceCodec, type UnrepresentedFields } from './cloud-event.ts';
import { OPERATIONS, type Operation, type StoreEventRequest } from './event.ts';
import { contextFields, optional } from './event-context.ts';
import { OperationCodec } from './event-filter.ts';

const nonEmptyText = described(
  'a string that is not empty',
  (value): value is string => typeof value === 'string' && value !== '',
);

const rfc3339 = described(
  'a time of RFC 3339, for example 2026-01-31T12:00:00Z',
  (value): value is string =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dt\d/i.test(value) && !Number.isNaN(Date.parse(value)),
);

const UnrepresentedCodec = fields('a JSON object', { objectType: optional(typeName), ...contextFields });

/** Codec of `rxfields`: JSON text with the fields of an event that the other attributes cannot represent. */
const FieldsText: t.Type<UnrepresentedFields, unknown> = new t.Type(
  'the text of a JSON object',
  (value): value is UnrepresentedFields => FieldsText.decode(value)._tag === 'Right',
  (value, context) => {
    if (typeof value !== 'string') return t.failure(value, context);
    try {
      return UnrepresentedCodec.validate(JSON.parse(value), context) as t.Validation<UnrepresentedFields>;
    } catch {
      return t.failure(value, context);
    }
  },
  t.identity,
);

const AttributesCodec = fields('a CloudEvent, an object { specversion, id, source, type }', {
  specversion: oneOf("'1.0'", ['1.0']),
  id: nonEmptyText,
  source: sourceCodec,
  type: nonEmptyText,
  subject: optional(nonEmptyText),
  time: optional(rfc3339),
  datacontenttype: optional(t.string),
  dataschema: optional(t.string),
  data: t.unknown,
  rxoperation: optional(OperationCodec),
  rxseqnum: optional(t.string),
  rxfields: optional(FieldsText),
});

/** CloudEvent with valid attributes. */
interface CheckedCloudEvent extends t.TypeOf<typeof AttributesCodec> {
  /** Attributes that CloudEvents does not define. */
  readonly extensions: readonly (readonly [string, unknown])[];
}

/** Returns the message of a fault in an attribute that CloudEvents does not define; `undefined` if the attribute is valid. */
function extensionFault([name, value]: readonly [string, unknown]): string | undefined {
  if (name === 'data_base64') return 'is not supported; send the data as JSON in data';
  if (!/^[a-z0-9]+$/.test(name)) return 'must have a name of only the characters a to z and 0 to 9';
  if (['string', 'number', 'boolean'].includes(typeof value)) return undefined;
  return 'must be a string, a number or a boolean';
}

/** Codec of a CloudEvent. An attribute that is `null` counts as missing. */
const CloudEventCodec: t.Type<CheckedCloudEvent, unknown> = new t.Type(
  AttributesCodec.name,
  (value): value is CheckedCloudEvent => CloudEventCodec.decode(value)._tag === 'Right',
  (given, context) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return t.failure(given, context);
    const present = Object.entries(given).filter(([, value]) => value !== null);
    const extensions = present.filter(([name]) => !ATTRIBUTES.has(name));
    const errors = extensions.flatMap((extension): t.ValidationError[] => {
      const [key, value] = extension;
      const message = extensionFault(extension);
      return message === undefined
        ? []
        : [{ value, message, context: [...context, { key, type: t.unknown }] }];
    });
    const attributes = AttributesCodec.validate(Object.fromEntries(present), context);
    if (attributes._tag === 'Left') return t.failures([...attributes.left, ...errors]);
    return errors.length > 0 ? t.failures(errors) : t.success({ ...attributes.right, extensions });
  },
  t.identity,
);

/**
 * Returns the operation and the object type of a CloudEvent with a `type` such as `Job.create`. The operation is that of
 * `rxoperation`, otherwise the ending of `type`, otherwise `CREATE`.
 */
function parseType({ type, rxoperation }: CheckedCloudEvent): readonly [Operation, string] {
  const hasEnding = (operation: Operation) =>
    type.endsWith(`.${operation.toLowerCase()}`) && type.length > operation.length + 1;
  const operation = rxoperation ?? OPERATIONS.find(hasEnding) ?? 'CREATE';
  return [operation, hasEnding(operation) ? type.slice(0, -operation.length - 1) : type];
}

/** Returns the id of the request; `undefined` if `toCloudEvent` has converted an event without an id. */
function idOf({ id, source, rxseqnum, rxfields }: CheckedCloudEvent): string | undefined {
  // Another producer guarantees only that source and id together are unique. A source contains no space, so the combined
  // text is unique, too.
  if (rxseqnum === undefined) return `${source} ${id}`;
  return rxfields?.id ?? (id === rxseqnum ? undefined : id);
}

/** Returns the metadata of the request; `undefined` if there is no entry. */
function metadataOf(event: CheckedCloudEvent): Readonly<Record<string, unknown>> | undefined {
  const { source, time, datacontenttype, dataschema, rxseqnum, rxfields, extensions } = event;
  const attributes = rxseqnum === undefined ? { source, time, datacontenttype, dataschema } : {};
  const entries = [...Object.entries(attributes), ...extensions].filter(([, value]) => value !== undefined);
  if (entries.length === 0) return rxfields?.metadata;
  const texts = entries.map(([name, value]) => [name, String(value)]);
  return Object.fromEntries([...texts, ...Object.entries(rxfields?.metadata ?? {})]);
}

const RequestFields = fields('a request', { objectType: typeName, ...contextFields });

/** Names of attributes that differ from the name of their field in a request, by field. The paths of faults contain them. */
const ATTRIBUTE_OF: Readonly<Record<string, string>> = { objectType: 'type', key: 'subject' };

/** Replaces the name of a field of the request by the name of its attribute. */
const renamed = ({ path, message }: Fault): Fault => ({
  path: ATTRIBUTE_OF[path] ?? path.replace(/^metadata\./, ''),
  message,
});

/**
 * Returns the request that stores a CloudEvent 1.0 of the JSON format. A CloudEvent of `toCloudEvent` becomes the request of
 * its event again.
 *
 * A CloudEvent of another producer is mapped as follows:
 * - `type` is the object type. An ending `.create`, `.update` or `.delete` becomes the operation instead. Without such an
 *   ending, the operation is `CREATE`.
 * - `source` and `id`, with a space between them, are the id. A second append of the CloudEvent thus stores nothing.
 * - `subject` is the key, and `data` is the object; without `data`, the object is `null`.
 * - `source`, `time`, `datacontenttype`, `dataschema` and all extension attributes are metadata, as text.
 *
 * @param json - CloudEvent as `JSON.parse` returns it.
 * @throws {@link InvalidRequestError} if it is not a CloudEvent 1.0, if it has `data_base64`, or if an attribute exceeds the
 *   limits of a request. The error has the path of each fault.
 * @see [Keys, ids and metadata](../../docs/guides/keys-ids-and-metadata.md#cloudevents)
 * @example
 * await store.storeEvent(fromCloudEvent(JSON.parse(body)));
 */
export function fromCloudEvent(json: unknown): StoreEventRequest {
  const event = check(CloudEventCodec, json, (faults) => new InvalidRequestError(faults));
  const { subject, rxfields, data = null } = event;
  const [operation, objectType] = parseType(event);
  const given = { objectType, key: subject, ...rxfields, id: idOf(event), metadata: metadataOf(event) };
  const checked = check(RequestFields, given, (faults) => new InvalidRequestError(faults.map(renamed)));
  return { operation, object: data, ...checked } as StoreEventRequest;
}
