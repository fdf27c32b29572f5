import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeType, subjectFor, subjectOf } from '../../../../src/engine/jetstream/append/message-format.ts';
import { OPERATIONS } from '../../../../src/event/event.ts';

const objectType = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom('.', '*', '>', ' ', '%', '~', '\0', '\r', '\n', 'é', '監', 'a'),
      minLength: 1,
    }),
    fc.string({ unit: 'binary', minLength: 300, maxLength: 512, size: 'max' }),
  )
  .filter((text) => !/\p{Surrogate}/u.test(text));
const operation = fc.constantFrom(...OPERATIONS);

describe('subjectOf', () => {
  test('returns a valid subject of less than 1000 characters for any object type', () => {
    fc.assert(
      fc.property(objectType, operation, (type, op) => {
        const subject = subjectOf('a.b', type, op);
        expect(subject).toMatch(/^a\.b\.[\w%-]+\.[A-Z]+$/);
        expect(subject.length).toBeLessThan(1000);
      }),
    );
  });

  test('returns different subjects for different object types', () => {
    fc.assert(
      fc.property(objectType, objectType, (one, other) => {
        const isSame = subjectOf('p', one, 'CREATE') === subjectOf('p', other, 'CREATE');
        expect(isSame).toBe(one === other);
      }),
    );
  });

  test('encodes an object type so that it can be decoded', () => {
    fc.assert(
      fc.property(objectType, (type) => {
        expect(decodeURIComponent(encodeType(type))).toBe(type);
      }),
    );
  });
});

test.each([
  ['no filter', undefined, 'p.>'],
  ['empty lists', { objectTypes: [], operations: [] }, 'p.>'],
  ['a type', { objectTypes: ['A b'] }, 'p.A%20b.*'],
  ['an operation', { operations: ['DELETE'] as const }, 'p.*.DELETE'],
  ['a type and an operation', { objectTypes: ['A'], operations: ['DELETE'] as const }, 'p.A.DELETE'],
  ['several types', { objectTypes: ['A', 'B'] }, 'p.>'],
  [
    'several types and an operation',
    { objectTypes: ['A', 'B'], operations: ['CREATE'] as const },
    'p.*.CREATE',
  ],
])('subjectFor returns the narrowest subject for %s', (_of, filter, subject) => {
  expect(subjectFor('p', filter)).toBe(subject);
});
