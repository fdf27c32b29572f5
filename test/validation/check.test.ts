import * as t from 'io-ts';
import { type Fault, InvalidOptionsError } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { check } from '../../src/validation/check.ts';
import { described } from '../../src/validation/types.ts';

const faultsOf = (codec: t.Mixed, value: unknown): readonly Fault[] => {
  try {
    check(codec, value, (faults) => new InvalidOptionsError('value', faults));
    return [];
  } catch (error) {
    return (error as InvalidOptionsError).faults;
  }
};
const pathsOf = (codec: t.Mixed, value: unknown) => faultsOf(codec, value).map(({ path }) => path);

const even = described(
  'an even number',
  (value): value is number => typeof value === 'number' && value % 2 === 0,
);
const Person = t.type({ name: t.string, age: even });

describe('the function check', () => {
  test('the function check returns the decoded value', () => {
    const NumberOfText = new t.Type<number, string>(
      'a number in text',
      t.number.is,
      (value, context) =>
        t.string.validate(value, context)._tag === 'Right'
          ? t.success(Number(value))
          : t.failure(value, context),
      String,
    );

    expect(check(t.type({ n: NumberOfText }), { n: '7' }, () => new Error())).toEqual({ n: 7 });
  });

  test('the function check throws one error that lists all faults', () => {
    const failure = new Error('it is invalid');
    const seen: (readonly Fault[])[] = [];

    const attempt = () =>
      check(Person, { name: 5, age: 3 }, (faults) => {
        seen.push(faults);
        return failure;
      });

    expect(attempt).toThrow(failure);
    expect(seen).toEqual([
      [
        { path: 'name', message: 'must be a string; received 5' },
        { path: 'age', message: 'must be an even number; received 3' },
      ],
    ]);
  });

  test.each<[string, t.Mixed, unknown, readonly string[]]>([
    ['no fault', Person, { name: 'Ada', age: 36 }, []],
    ['the value itself', Person, 'Ada', ['']],
    ['missing fields', Person, {}, ['name', 'age']],
    ['an item of a list', t.array(even), [2, 3, 4, 5], ['1', '3']],
    [
      'a nested field',
      t.type({ people: t.array(Person) }),
      { people: [{ name: 'Ada', age: 1 }] },
      ['people.0.age'],
    ],
    ['an option', t.partial({ size: even }), { size: 1 }, ['size']],
    [
      'either part of an intersection',
      t.intersection([Person, t.partial({ size: even })]),
      { age: 1, size: 1 },
      ['name', 'age', 'size'],
    ],
    [
      'a strict type',
      t.strict({ name: t.string, inner: t.strict({ age: even }) }),
      { name: 1, inner: { age: 1 } },
      ['name', 'inner.age'],
    ],
    [
      'a strict part of an intersection',
      t.intersection([t.strict({ name: t.string }), t.partial({ size: even })]),
      { name: 1, size: 1 },
      ['name', 'size'],
    ],
    ['a readonly type', t.readonly(Person), { name: 'Ada', age: 1 }, ['age']],
    ['a dictionary', t.record(t.string, even), { a: 2, b: 3 }, ['b']],
    ['a key that looks like an index', t.type({ 0: even }), { 0: 1 }, ['0']],
  ])('the function check reports the path of each fault: %s', (_of, codec, value, paths) => {
    expect(pathsOf(codec, value)).toEqual(paths);
  });

  test('the function check omits the index of a member of a union type from the path of a fault', () => {
    const codec = t.type({ who: t.union([Person, t.strict({ id: t.number })]) });

    expect(new Set(pathsOf(codec, { who: {} }))).toEqual(new Set(['who.name', 'who.age', 'who.id']));
  });

  test('the function check uses the message of the codec instead of a general message if the codec has one', () => {
    const codec = new t.Type<string>(
      'x',
      t.string.is,
      (value, context) => t.failure(value, context, 'it is Tuesday'),
      t.identity,
    );

    expect(faultsOf(codec, 1)).toEqual([{ path: '', message: 'it is Tuesday' }]);
  });
});
