import fc from 'fast-check';
import { Operation } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../src/event/event.ts';
import { type EventFilter, EventFilterCodec, matches } from '../../src/event/event-filter.ts';

const operation = fc.constantFrom(...OPERATIONS);
const objectType = fc.constantFrom('Job', 'job', 'Execution', '');
const event = fc.record({ operation, objectType });
const lets = (filter: EventFilter | undefined, header: { operation: Operation; objectType: string }) =>
  matches(filter, header.operation, header.objectType);
const objectTypes = fc.array(objectType);
const operations = fc.array(operation);

describe('a filter', () => {
  test('that is missing, or has no list with anything in it, lets everything through', () => {
    fc.assert(
      fc.property(event, (each) => {
        for (const filter of [
          undefined,
          {},
          { objectTypes: [] },
          { operations: [] },
          { objectTypes: [], operations: [] },
        ]) {
          expect(lets(filter, each)).toBe(true);
        }
      }),
    );
  });

  test('lets through what both of its lists let through', () => {
    fc.assert(
      fc.property(event, objectTypes, operations, (each, types, ops) => {
        const both = lets({ objectTypes: types, operations: ops }, each);

        expect(both).toBe(lets({ objectTypes: types }, each) && lets({ operations: ops }, each));
      }),
    );
  });

  test('lets through what is in a list that is not empty, and nothing else', () => {
    expect(lets({ objectTypes: ['Job'] }, { objectType: 'Job', operation: 'CREATE' })).toBe(true);
    expect(lets({ objectTypes: ['Job'] }, { objectType: 'job', operation: 'CREATE' })).toBe(false);
    expect(lets({ operations: ['CREATE', 'DELETE'] }, { objectType: 'Job', operation: 'DELETE' })).toBe(true);
    expect(lets({ operations: ['CREATE', 'DELETE'] }, { objectType: 'Job', operation: 'UPDATE' })).toBe(
      false,
    );
  });

  test.each([
    [{}, true],
    [{ objectTypes: ['anything'], operations: ['UPDATE'] }, true],
    [{ objectTypes: undefined }, true],
    [{ objectTypes: 'Job' }, false],
    [{ objectTypes: [1] }, false],
    [{ operations: ['READ'] }, false],
    [null, false],
    ['Job', false],
  ])('is told from what is none: %o', (value, expected) => {
    expect(EventFilterCodec.is(value)).toBe(expected);
  });
});

test('operations have names of their own', () => {
  expect(Operation).toEqual({ Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' });
  expect(OPERATIONS).toEqual(['CREATE', 'UPDATE', 'DELETE']);
});
