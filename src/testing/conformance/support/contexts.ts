import type { EventContext } from '../../../index.ts';

const kib = (text: string, size: number) => text.repeat((size * 1024) / Buffer.byteLength(text));

/** Text that an engine must not change: control characters, spaces, percent signs, and characters of several bytes. */
const ODD_TEXT = ' \0\r\n\t%20%zz="é\u{1f6aa}\ufeff ';

/** Valid contexts of events, by description. Their ids differ. */
export const contexts: readonly (readonly [string, EventContext])[] = [
  ['a key', { key: 'order-17' }],
  ['an id', { id: '1b4e28ba-2fa1-11d2-883f-0016d3cca427' }],
  ['metadata', { metadata: { user: 'ada', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad-01' } }],
  ['a key and an id', { key: 'k', id: 'id-1' }],
  ['a key and metadata', { key: 'k', metadata: { a: 'b' } }],
  ['an id and metadata', { id: 'id-2', metadata: { a: 'b' } }],
  ['all fields', { key: 'k', id: 'id-3', metadata: { a: 'b' } }],
  ['empty metadata', { metadata: {} }],
  ['odd text', { key: ODD_TEXT, id: ODD_TEXT, metadata: { [ODD_TEXT]: ODD_TEXT, empty: '' } }],
  ['names of properties of objects', { key: '__proto__', id: 'constructor', metadata: protoMetadata() }],
  ['the longest key and id', { key: 'é'.repeat(512), id: '\u{1f6aa}'.repeat(64) }],
  ['the largest metadata', { metadata: largestMetadata() }],
];

/** Creates metadata with the name `__proto__`. In an object literal, that name would set the prototype. */
function protoMetadata(): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ['__proto__', 'a'],
    ['toString', 'b'],
  ]);
}

/** Creates metadata of 32 KiB with a name of 128 bytes. */
function largestMetadata(): Readonly<Record<string, string>> {
  const value = kib('é', 8);
  const names = ['n'.repeat(128), 'b', 'c', 'd'];
  const last = value.slice(0, -names.join('').length / 2 - 1);
  return Object.fromEntries(names.map((name, index) => [name, index === 3 ? last : value]));
}

/** Context of an event or of a record. A missing field can be omitted or `undefined`. */
type AnyContext = { readonly [K in keyof EventContext]: EventContext[K] | undefined };

/**
 * Returns the fields of a context as text. Unlike a comparison of objects, a comparison of texts also compares names such
 * as `__proto__`.
 */
export const contextText = ({ key, id, metadata }: AnyContext): string =>
  JSON.stringify({ key, id, metadata });
