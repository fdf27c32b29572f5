import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatContext,
  messageIdOf,
  parseContext,
} from '../../../../src/engine/jetstream/append/context-format.ts';
import {
  headerText,
  parseHeader,
  type RecordHeader,
  toHeaders,
} from '../../../../src/engine/jetstream/append/message-format.ts';
import { toRecord } from '../../../../src/engine/jetstream/read/message-record.ts';
import type { EventContext } from '../../../../src/event/event-context.ts';

const record = { operation: 'CREATE' as const, objectType: 'Order', payload: Buffer.from('{}') };
const encode = (context: EventContext) => toHeaders({ ...record, ...context }, 1, { id: 'm' });

/** Maximum size of all headers of a message, in bytes. The server rejects a message with larger headers. */
const MAX_HEADERS = 64 * 1024;

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('\0', '\r', '\n', ' ', '\t', '=', '&', '%', '+', '\u00a0', '\ufeff') }),
);
const filled = text.filter((value) => value !== '');
const anyContext = fc.record(
  { key: filled, id: filled, metadata: fc.dictionary(filled, text, { maxKeys: 5 }) },
  { requiredKeys: [] },
);

test('an event header has the same key, id and metadata after it was formatted and parsed, and no other context field', () => {
  fc.assert(
    fc.property(anyContext, (context) => {
      const header = headerText(encode(context));
      const { operation, objectType, timestamp, checksum, ...parsed } = parseHeader(header) as RecordHeader;
      expect(parsed).toStrictEqual({
        ...context,
        ...(context.metadata && { metadata: { ...context.metadata } }),
      });
      expect(header.trim()).toBe(header);
      expect(header).not.toMatch(/[\r\n\0]/);
    }),
  );
});

test('an event header has no context fields if the event has no key, id and metadata', () => {
  expect(formatContext({})).toBe('');
  expect(headerText(encode({})).split(' ')).toHaveLength(5);
});

test('an event header escapes blanks and percent signs, but not umlauts', () => {
  const metadata = { user: 'ada', note: 'größer als 5 %' };
  expect(formatContext({ key: 'order-17', id: 'a b', metadata })).toBe(
    ' key=order-17 id=a%20b metadata=user=ada&note=größer%20als%205%20%25',
  );
});

test.each<[string, Record<string, string>]>([
  ['one name and no value', { a: '' }],
  ['no entries', {}],
  ['the name __proto__', JSON.parse('{"__proto__":"x","constructor":"y"}')],
])('the metadata of an event header is decoded unchanged if the metadata has %s', (_what, metadata) => {
  const parsed = parseContext(formatContext({ metadata }).trim().split(' ')).metadata;
  expect(Object.entries(parsed ?? {})).toEqual(Object.entries(metadata));
  expect(Object.isFrozen(parsed)).toBe(true);
});

const values = (character: string) =>
  Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, character.repeat(8 * 1024 - 1)]));
const manyNames = Object.fromEntries(
  Array.from({ length: 8000 }, (_, index) => [String.fromCharCode(index % 128, index / 128), '\n\0']),
);

test.each<[string, Record<string, string>]>([
  ['letters', values('x')],
  ['control characters', values('\0')],
  ['blanks', values(' ')],
  ['many names', manyNames],
])('the largest metadata of %s fits into the headers of a message', (_what, metadata) => {
  const context = { key: '\0'.repeat(1024), id: '\0'.repeat(256), metadata };
  const header = toHeaders({ ...record, objectType: '監'.repeat(1024), ...context }, 1, {
    id: messageIdOf(context.id),
  });

  expect(Buffer.byteLength(`${header}`)).toBeLessThan(MAX_HEADERS);
  expect(parseHeader(headerText(header))).toMatchObject(context);
});

test.each([
  ['an unknown field', 'color=red'],
  ['a field without a name', 'order-17'],
  ['an invalid escape', 'key=%E0%A4%A'],
  ['damaged compressed metadata', 'deflated-metadata=AAAA'],
  ['the name of a property of every object', 'constructor=x'],
])('an event header with %s is reported as damaged, without the content of the field', (_what, field) => {
  const fault = parseHeader(`${headerText(encode({}))} ${field}`);
  expect(fault).toContain('damaged');
  expect(fault).not.toContain(field);
});

test('a record that is decoded from a message has only the fields of its event', () => {
  const recordOf = (context: EventContext) =>
    toRecord({ seqNum: 1, header: headerText(encode(context)), data: record.payload });
  expect(Object.keys(recordOf({}))).toEqual(['seqNum', 'operation', 'objectType', 'timestamp']);
  expect(recordOf({ key: 'k' })).toMatchObject({ key: 'k' });
  expect(Object.keys(recordOf({ key: 'k' }))).not.toContain('id');
});

test('the id of a message differs for different ids of events, and is a valid header', () => {
  fc.assert(
    fc.property(filled, filled, (one, other) => {
      expect(messageIdOf(one) === messageIdOf(other)).toBe(one === other);
      expect(messageIdOf(one)).toMatch(/^id\.[^\p{Cc}\s]*$/u);
    }),
  );
});
