import { expect, test } from 'vitest';
import {
  headerText,
  parseHeader,
  toHeaders,
} from '../../../../src/engine/jetstream/append/message-format.ts';

const record = { operation: 'DELETE' as const, objectType: 'a b.監%', payload: Buffer.from('{}') };
const text = headerText(toHeaders(record, 1_700_000_000_000, { id: 'id' }));

test('parseHeader decodes the event header of a message', () => {
  expect(parseHeader(text)).toMatchObject({
    operation: 'DELETE',
    objectType: 'a b.監%',
    timestamp: 1_700_000_000_000,
  });
});

test.each([
  ['no content', '', 'another program'],
  ['a later version', text.replace('1 ', '2 '), "must be 1; received '2'"],
  ['an invalid operation', text.replace('DELETE', 'READ'), 'damaged'],
  ['an invalid timestamp', text.replace('1700000000000', 'now'), 'damaged'],
  ['an invalid checksum', text.replace(/ [\da-f]+ (?=a%20)/, ' ? '), 'damaged'],
  ['an invalid escape', `${text}%E0%A4%A`, 'damaged'],
  ['a missing end', text.split(' ').slice(0, 4).join(' '), 'damaged'],
])('parseHeader reports the fault of an event header with %s', (_what, given, expected) => {
  expect(parseHeader(given)).toContain(expected);
});
