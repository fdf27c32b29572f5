import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeType, subjectOf, subjectsFor } from '../../../src/engine/jetstream/subjects.ts';
import { OPERATIONS } from '../../../src/event/event.ts';
import type { EventFilter } from '../../../src/event/event-filter.ts';

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

describe('the subject of an event', () => {
  test('the subject of an event is valid and has less than 1000 characters for any object type', () => {
    fc.assert(
      fc.property(objectType, operation, (type, op) => {
        const subject = subjectOf('a.b', type, op);
        expect(subject).toMatch(/^a\.b\.[\w%-]+\.[A-Z]+$/);
        expect(subject.length).toBeLessThan(1000);
      }),
    );
  });

  test('the subject of an event is different for different object types', () => {
    fc.assert(
      fc.property(objectType, objectType, (one, other) => {
        const isSame = subjectOf('p', one, 'CREATE') === subjectOf('p', other, 'CREATE');
        expect(isSame).toBe(one === other);
      }),
    );
  });

  test('the subject of an event contains the object type in a form that can be decoded', () => {
    fc.assert(
      fc.property(objectType, (type) => {
        expect(decodeURIComponent(encodeType(type))).toBe(type);
      }),
    );
  });
});

const many = Array.from({ length: 9 }, (_, index) => `T${index}`);

test.each<[string, EventFilter | undefined, string, readonly string[]]>([
  ['no filter', undefined, 'p.>', ['p.>']],
  ['empty lists', { objectTypes: [], operations: [] }, 'p.>', ['p.>']],
  ['a type', { objectTypes: ['A b'] }, 'p.A%20b.*', ['p.A%20b.*']],
  ['an operation', { operations: ['DELETE'] }, 'p.*.DELETE', ['p.*.DELETE']],
  ['a type and an operation', { objectTypes: ['A'], operations: ['DELETE'] }, 'p.A.DELETE', ['p.A.DELETE']],
  ['several types', { objectTypes: ['A', 'B'] }, 'p.>', ['p.A.*', 'p.B.*']],
  ['a type twice', { objectTypes: ['A', 'A'] }, 'p.A.*', ['p.A.*']],
  [
    'several types and an operation',
    { objectTypes: ['A', 'B'], operations: ['CREATE'] },
    'p.*.CREATE',
    ['p.A.CREATE', 'p.B.CREATE'],
  ],
  [
    'several types and operations',
    { objectTypes: ['A', 'B'], operations: ['CREATE', 'DELETE'] },
    'p.>',
    ['p.A.CREATE', 'p.A.DELETE', 'p.B.CREATE', 'p.B.DELETE'],
  ],
  ['more types than subjects', { objectTypes: many }, 'p.>', ['p.>']],
  [
    'more types than subjects, and an operation',
    { objectTypes: many, operations: ['CREATE'] },
    'p.*.CREATE',
    ['p.*.CREATE'],
  ],
])(
  'subjectsFor returns the narrowest single subject and the narrowest list of subjects for a filter with %s',
  (_of, filter, single, several) => {
    expect(subjectsFor('p', filter, true)).toEqual([single]);
    expect(subjectsFor('p', filter, false)).toEqual(several);
  },
);
