import * as t from 'io-ts';
import { show } from '../validation/format-value.ts';
import { described } from '../validation/types.ts';

/**
 * Optional fields of an event that its producer sets. An event has only the fields of its request: for an event without a
 * key, `'key' in event` is `false`.
 *
 * @see [Keys, ids and metadata](../../docs/guides/keys-ids-and-metadata.md)
 */
export interface EventContext {
  /** Identity of the object within its type, for example an order number: 1 to 1024 bytes of UTF-8. */
  readonly key?: string;
  /** Identity of the event, for example a UUID: 1 to 256 bytes of UTF-8. A second append with the same id stores nothing. */
  readonly id?: string;
  /**
   * Further facts about the event, for example a correlation id: names of 1 to 128 bytes, values of at most 8 KiB, 32 KiB
   * in total. The metadata of a stored event is a frozen object.
   */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Metadata of an event; `undefined` if it has none. */
export type Metadata = EventContext['metadata'];

const isWellFormed = (value: unknown): value is string =>
  typeof value === 'string' && !/\p{Surrogate}/u.test(value);

/** Creates a codec of well-formed strings of `least` to `most` bytes in UTF-8. */
const textOfBytes = (least: number, most: number) =>
  described(
    least === 0
      ? `a well-formed string of at most ${most} bytes in UTF-8`
      : `a well-formed string of ${least} to ${most} bytes in UTF-8`,
    (value): value is string => {
      if (!isWellFormed(value) || value.length < least || value.length > most) return false;
      // A UTF-16 code unit takes at most three bytes in UTF-8, so the bytes of a short string need not be counted.
      return value.length <= most / 3 || Buffer.byteLength(value) <= most;
    },
  );

/** Codec of the keys of events and filters. */
export const eventKey = textOfBytes(1, 1024);

const eventId = textOfBytes(1, 256);

const metadataName = textOfBytes(1, 128);
const metadataValue = textOfBytes(0, 8 * 1024);

/** Maximum size of all names and values of the metadata of an event, in bytes. */
const MAX_METADATA_BYTES = 32 * 1024;

/** Returns the error in the name or the value of a metadata entry; `undefined` if both are valid. */
function entryError(name: string, value: unknown, context: t.Context): t.ValidationError | undefined {
  if (!metadataName.is(name)) {
    return {
      value: name,
      context,
      message: `each name must be ${metadataName.name}; received ${show(name)}`,
    };
  }
  if (metadataValue.is(value)) return undefined;
  return { value, context: [...context, { key: name, type: metadataValue }] };
}

const validateMetadata: t.Validate<unknown, Readonly<Record<string, string>>> = (given, context) => {
  if (Object.prototype.toString.call(given) !== '[object Object]') return t.failure(given, context);
  const copy: [string, string][] = [];
  const errors: t.ValidationError[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(given as object)) {
    const error = entryError(name, value, context);
    if (error === undefined) copy.push([name, value]);
    else errors.push(error);
    if (typeof value === 'string') bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (errors.length > 0) return t.failures(errors);
  if (bytes <= MAX_METADATA_BYTES) return t.success(Object.freeze(Object.fromEntries(copy)));
  return t.failure(
    given,
    context,
    `must be at most ${MAX_METADATA_BYTES} bytes in total; received ${bytes} bytes`,
  );
};

/** Codec of metadata. The decoded value is a frozen copy. Each value is read once, because it can be a getter. */
const eventMetadata: t.Type<Readonly<Record<string, string>>, unknown> = new t.Type(
  'an object with only strings as values',
  (value): value is Readonly<Record<string, string>> => eventMetadata.decode(value)._tag === 'Right',
  validateMetadata,
  t.identity,
);

/** Creates the codec of a field that can be missing. */
export const optional = <A>(codec: t.Type<A, unknown>): t.Type<A | undefined, unknown> =>
  new t.Type(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => (value === undefined ? t.success(undefined) : codec.validate(value, context)),
    t.identity,
  );

export const contextFields = {
  key: optional(eventKey),
  id: optional(eventId),
  metadata: optional(eventMetadata),
};

/** Fields of an event context that can also be present with the value `undefined`. */
export type OptionalContext = { -readonly [K in keyof EventContext]: EventContext[K] | undefined };

/** Adds the fields of the context that are not `undefined` to `target`. Each field is read once. */
export function assignContext(target: object, { key, id, metadata }: OptionalContext): void {
  const writable = target as OptionalContext;
  if (key !== undefined) writable.key = key;
  if (id !== undefined) writable.id = id;
  if (metadata !== undefined) writable.metadata = metadata;
}

/**
 * Returns an event or a request with additional metadata. If the metadata already has one of the added names, or would
 * become invalid, returns the argument unchanged: added metadata must not make an append fail.
 */
export function withMetadata<C extends EventContext>(context: C, added: Metadata): C {
  if (added === undefined) return context;
  const { metadata = {} } = context;
  if (Object.keys(added).some((name) => Object.hasOwn(metadata, name))) return context;
  const merged = { ...metadata, ...added };
  return eventMetadata.is(merged) ? { ...context, metadata: Object.freeze(merged) } : context;
}
