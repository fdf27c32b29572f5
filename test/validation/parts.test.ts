import type * as t from 'io-ts';
import { asapScheduler, asyncScheduler, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { show } from '../../src/validation/format-value.ts';
import { defined } from '../../src/validation/options.ts';
import { filledText, fn, scheduler, typeName, watcherName } from '../../src/validation/types.ts';

const texts = [
  'a',
  ' a ',
  '0',
  'Ünïcode 😀',
  'x'.repeat(1024),
  'x'.repeat(1025),
  'lone \ud800',
  '',
  ' ',
  '\n\t',
];
const others = [undefined, null, 0, {}, [], ['a']];
const schedulers = [asyncScheduler, asapScheduler, new VirtualTimeScheduler()];

const table: readonly [t.Mixed, readonly unknown[], readonly unknown[]][] = [
  [filledText, texts.slice(0, 7), [...texts.slice(7), ...others]],
  [watcherName, texts.slice(0, 7), [...texts.slice(7), 'x'.repeat(1978), 'é'.repeat(989), ...others]],
  [typeName, texts.slice(0, 5), [...texts.slice(5), ...others]],
  [fn, [() => 1, Date, async () => {}], [...texts, ...others]],
  [scheduler, schedulers, [...texts, ...others, { now: () => 0 }, { schedule: () => undefined }]],
];

describe('the general codecs', () => {
  test.each(table.map(([codec, accepted, rejected]) => ({ name: codec.name, codec, accepted, rejected })))(
    'a codec accepts only the values that its name allows: $name',
    ({ codec, accepted, rejected }) => {
      expect(accepted.filter((value) => !codec.is(value))).toEqual([]);
      expect(rejected.filter((value) => codec.is(value))).toEqual([]);
    },
  );
});

test('defined() omits properties that are undefined, but not properties that are null or false', () => {
  expect(Object.keys(defined({ a: undefined, b: null, c: false, d: 0, e: '' }))).toEqual([
    'b',
    'c',
    'd',
    'e',
  ]);
});

test.each([
  ['a string of 8 characters', 'a secret'],
  ['a bigint', 12n],
  ['5', 5],
  ['false', false],
  ['a Promise', Promise.resolve()],
  ['a function', () => 1],
  ['an array of 2', [1, 2]],
  ['an object', { a: 1 }],
  ['an object', Object.create(null)],
  ['a symbol', Symbol('s')],
  ['null', null],
  ['undefined', undefined],
  ['NaN', Number.NaN],
])('the function show describes a value without its text, items or properties: %s', (shown, value) => {
  expect(show(value)).toBe(shown);
});

test('the function show describes a value even if reading the value throws', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  expect(show(proxy)).toBe('a value that cannot be inspected');
});

test('the codec for watcher ids rejects a very long id without reading all of its characters', () => {
  const spread = vi.spyOn(String.prototype, Symbol.iterator);
  onTestFinished(() => spread.mockRestore());

  expect(watcherName.is('x'.repeat(100_000))).toBe(false);

  expect(spread).not.toHaveBeenCalled();
});
