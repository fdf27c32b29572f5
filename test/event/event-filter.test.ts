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

describe('matches, the function that compares an event with a filter,', () => {
  test('accepts every event if there is no filter or all lists of the filter are empty', () => {
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

  test('accepts an event exactly if both lists of the filter accept the event', () => {
    fc.assert(
      fc.property(event, objectTypes, operations, (each, types, ops) => {
        const both = accepts({ objectTypes: types, operations: ops }, each);

        expect(both).toBe(accepts({ objectTypes: types }, each) && accepts({ operations: ops }, each));
      }),
    );
  });

  test('accepts only events that are in each list that is not empty', () => {
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
