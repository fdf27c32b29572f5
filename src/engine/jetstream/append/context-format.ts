import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EventContext, OptionalContext } from '../../../event/event-context.ts';

type Metadata = NonNullable<EventContext['metadata']>;

/**
 * Characters that must be escaped in a field: separators, control characters and blanks. NATS clients remove blanks at the
 * end of a header.
 */
const SPECIAL = /[\p{Cc}\s%&=]/gu;

/** Maximum length of metadata without compression, in bytes. The server limits all headers of a message to 64 KiB. */
const MAX_PLAIN_METADATA = 48 * 1024;

/** Encodes special characters as in a URL. The other characters remain readable. */
const encodeText = (text: string): string =>
  text.replace(SPECIAL, (character) => encodeURIComponent(character));

/**
 * Decodes a text. A text without escapes is returned without a call of the slow decoder. Throws a `URIError` if an escape is
 * not valid.
 */
const decodeText = (text: string): string => (text.includes('%') ? decodeURIComponent(text) : text);

/** Returns the message id of an event: `id.order-17` for the id `order-17`. Events without an id have message ids without a dot. */
export const messageIdOf = (eventId: string): string => `id.${encodeText(eventId)}`;

const formatMetadata = (metadata: Metadata): string =>
  Object.entries(metadata)
    .map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`)
    .join('&');

function parseMetadata(text: string): Metadata {
  const entries = text === '' ? [] : text.split('&');
  return Object.freeze(
    Object.fromEntries(
      entries.map((entry) => {
        const [name = '', value = ''] = entry.split('=');
        return [decodeText(name), decodeText(value)];
      }),
    ),
  );
}

const metadataField = (metadata: Metadata): string => {
  const text = formatMetadata(metadata);
  if (Buffer.byteLength(text) <= MAX_PLAIN_METADATA) return ` metadata=${text}`;
  return ` deflated-metadata=${deflateRawSync(text).toString('base64url')}`;
};

/**
 * Encodes the key, the id and the metadata of an event as fields of its event header, each after a blank. For example,
 * ` key=order-17 metadata=user=ada&note=two%20words`. Returns an empty string for an event without a key, an id and
 * metadata.
 *
 * Blanks, control characters, `%`, `&` and `=` are encoded as in a URL. Metadata of more than 48 KiB in
 * this encoding are compressed (raw deflate, then base64url) and stored in the field `deflated-metadata` instead.
 */
export function formatContext({ key, id, metadata }: OptionalContext): string {
  return [
    key === undefined ? '' : ` key=${encodeText(key)}`,
    id === undefined ? '' : ` id=${encodeText(id)}`,
    metadata === undefined ? '' : metadataField(metadata),
  ].join('');
}

const inflate = (text: string): string => inflateRawSync(Buffer.from(text, 'base64url')).toString();

const parsers = new Map<string, (text: string) => EventContext>([
  ['key', (text) => ({ key: decodeText(text) })],
  ['id', (text) => ({ id: decodeText(text) })],
  ['metadata', (text) => ({ metadata: parseMetadata(text) })],
  ['deflated-metadata', (text) => ({ metadata: parseMetadata(inflate(text)) })],
]);

/** Decodes the fields that `formatContext` has encoded. Throws an error if a field is damaged or unknown. */
export function parseContext(fields: readonly string[]): EventContext {
  const context: EventContext = {};
  for (const field of fields) {
    const end = field.indexOf('=');
    const parse = parsers.get(field.slice(0, end));
    if (parse === undefined) throw new TypeError(`the field '${field}' is unknown`);
    Object.assign(context, parse(field.slice(end + 1)));
  }
  return context;
}
