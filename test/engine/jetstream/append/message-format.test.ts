import { expect, test } from 'vitest';
import {
  headerText,
  parseHeader,
  toHeaders,
} from '../../../../src/engine/jetstream/append/message-format.ts';

const draft = { operation: 'DELETE' as const, objectType: 'a b.監%', payload: Buffer.from('{}') };
const text = headerText(toHeaders(draft, 1_700_000_000_000, { id: 'id' }));

test('the header of a message tells of its record', () => {
  expect(parseHeader(text)).toMatchObject({
    operation: 'DELETE',
    objectType: 'a b.監%',
    timestamp: 1_700_000_000_000,
  });
});

test.each([
  ['nothing', '', 'another program'],
  ['a version to come', text.replace('1 ', '2 '), "version '2'"],
  ['an operation that is none', text.replace('DELETE', 'READ'), 'damaged'],
  ['a time that is none', text.replace('1700000000000', 'now'), 'damaged'],
  ['a checksum that is none', text.replace(/ [\da-f]+ (?=a%20)/, ' ? '), 'damaged'],
  ['an escape that is none', `${text}%E0%A4%A`, 'damaged'],
  ['its end missing', text.split(' ').slice(0, 4).join(' '), 'damaged'],
])('a header with %s is told to be so', (_what, given, expected) => {
  expect(parseHeader(given)).toContain(expected);
});
