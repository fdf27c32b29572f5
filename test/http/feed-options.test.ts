import { InvalidOptionsError } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { expect, test } from 'vitest';
import { createFeed } from '../../src/http/feed/create-feed.ts';

const create = (options: unknown) => () => createFeed(createMemoryStore(), options as never);

test.each([
  [{ sources: '/a' }, "sources: is not a known option; did you mean 'source'?"],
  [{ source: 'a b' }, 'source: must be a URI reference'],
  [{ redact: true }, 'redact: must be a function; received true'],
  [{ streamMessage: 1 }, 'streamMessage: must be a function; received 1'],
  [{ cache: 'shared' }, "cache: must be 'private' or 'public'"],
  [{ hostParameters: 'token' }, 'hostParameters: must be an array of strings'],
  [{ heartbeatInterval: 0 }, 'heartbeatInterval: must be a number of milliseconds from 1'],
  [{ longPollTimeout: Number.POSITIVE_INFINITY }, 'longPollTimeout: must be a number of milliseconds from 1'],
  [{ streamDuration: '1s' }, 'streamDuration: must be a number of milliseconds from 1'],
])('createFeed refuses the options %j', (options, message) => {
  expect(create(options)).toThrow(InvalidOptionsError);
  expect(create(options)).toThrow(message);
});

test('createFeed refuses a value that is not a store', () => {
  expect(() => createFeed({} as never)).toThrow('store: must be a store; received an object');
});

test('createFeed treats an option that is undefined as missing', () => {
  expect(create({ source: undefined, cache: undefined })).not.toThrow();
});
