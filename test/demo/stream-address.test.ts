import { expect, test } from 'vitest';
import { DemoError } from '../../docs/examples/git-history/command-line.ts';
import { isAddress, parseStreamAddress } from '../../docs/examples/git-history/stream-address.ts';

test.each([
  ['nats://127.0.0.1:4222/history', 'nats://127.0.0.1:4222/history'],
  ['NATS://Example.ORG:4222/My_Stream-1', 'nats://example.org:4222/My_Stream-1'],
  ['nats://[::1]:4222/history', 'nats://[::1]:4222/history'],
])('parseStreamAddress parses %s', (text, url) => {
  expect(isAddress(text)).toBe(true);
  expect(parseStreamAddress(text).url).toBe(url);
});

test.each([
  'nats:history',
  'nats://127.0.0.1:4222',
  'nats://127.0.0.1:4222/',
  'nats://127.0.0.1/history',
  'nats://127.0.0.1:99999/history',
  'nats://127.0.0.1:4222/a/b',
  'nats://127.0.0.1:4222/a.b',
  `nats://127.0.0.1:4222/${'x'.repeat(65)}`,
  'nats://127.0.0.1:4222/history\n',
  'tls://127.0.0.1:4222/history',
])(
  'parseStreamAddress rejects %s, although isAddress recognizes this text as the address of a stream',
  (text) => {
    expect(isAddress(text)).toBe(true);
    expect(() => parseStreamAddress(text)).toThrow(DemoError);
    expect(() => parseStreamAddress(text)).toThrow(
      /^--store must be a path or nats:\/\/HOST:PORT\/STREAM, [^\n]+; received [^\n]+$/,
    );
  },
);

test.each(['history', 'C:\\stores\\history', 'C:/stores/history', 'a:b', 'x/nats:', 'stores//history'])(
  'isAddress recognizes %s as a path, not as an address',
  (text) => {
    expect(isAddress(text)).toBe(false);
  },
);

test('the error of parseStreamAddress does not contain the password', () => {
  expect(() => parseStreamAddress('nats://ann:secret@127.0.0.1:4222/history')).toThrow(
    /; received nats:\/\/…@127\.0\.0\.1:4222\/history$/,
  );
});
