import fc from 'fast-check';
import { Operation } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../src/event/event.ts';
import { type EventFilter, EventFilterCodec, matches } from '../../src/event/event-filter.ts';

const operation = fc.constantFrom(...OPERATIONS);
const objectType = fc.constantFrom('Job', 'job', 'Execution', '');
const event = fc.record({ operation, objectType });
const accepts = (filter: EventFilter | undefined, header: { operation: Operation; objectType: string }) =>
  matches(filter, header.operation, header.objectType, undefined);
const objectTypes = fc.array(objectType);
const operations = fc.array(operation);

describe('the function matches, which compares an event with a filter', () => {
  test('a filter without lists or with only empty lists matches every event', () => {
    fc.assert(
      fc.property(event, (each) => {
        for (const filter of [
          undefined,
          {},
          { objectTypes: [] },
          { operations: [] },
          { objectTypes: [], operations: [] },
        ]) {
          expect(accepts(filter, each)).toBe(true);
        }
      }),
    );
  });

  test('a filter with two lists matches an event exactly if each list alone matches that event', () => {
    fc.assert(
      fc.property(event, objectTypes, operations, (each, types, ops) => {
        const both = accepts({ objectTypes: types, operations: ops }, each);

        expect(both).toBe(accepts({ objectTypes: types }, each) && accepts({ operations: ops }, each));
      }),
    );
  });

  test('a filter with a list matches only events with an object type or operation from that list', () => {
    expect(accepts({ objectTypes: ['Job'] }, { objectType: 'Job', operation: 'CREATE' })).toBe(true);
    expect(accepts({ objectTypes: ['Job'] }, { objectType: 'job', operation: 'CREATE' })).toBe(false);
    expect(accepts({ operations: ['CREATE', 'DELETE'] }, { objectType: 'Job', operation: 'DELETE' })).toBe(
      true,
    );
    expect(accepts({ operations: ['CREATE', 'DELETE'] }, { objectType: 'Job', operation: 'UPDATE' })).toBe(
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
  ])('EventFilterCodec.is(%o) returns %s', (value, expected) => {
    expect(EventFilterCodec.is(value)).toBe(expected);
  });
});

test('Operation has a constant for each operation', () => {
  expect(Operation).toEqual({ Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' });
  expect(OPERATIONS).toEqual(['CREATE', 'UPDATE', 'DELETE']);
});
