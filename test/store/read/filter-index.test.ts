import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/event/event.ts';
import { type EventFilter, matches } from '../../../src/event/event-filter.ts';
import { createFilterIndex } from '../../../src/store/read/filter-index.ts';

const type = fc.constantFrom('Job', 'Run', '__proto__', '');
const filter: fc.Arbitrary<EventFilter> = fc.record(
  { objectTypes: fc.array(type), operations: fc.array(fc.constantFrom(...OPERATIONS)) },
  { requiredKeys: [] },
);

it('a filter index finds the readers with a matching filter after any additions and removals', () => {
  const reader = fc.record({ filter, stays: fc.boolean() });
  fc.assert(
    fc.property(fc.array(reader), fc.constantFrom(...OPERATIONS), type, (readers, operation, objectType) => {
      const index = createFilterIndex<number>();
      const remove = readers.map(({ filter }, id) => index.add(filter, id));
      for (const [id, { stays }] of readers.entries()) if (!stays) remove[id]?.();

      const expected = [...readers.keys()].filter(
        (id) => readers[id]?.stays && matches(readers[id].filter, operation, objectType, undefined),
      );
      expect([...index.matching({ operation, objectType })].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});

it('a filter index removes no other reader when a reader is removed twice', () => {
  const index = createFilterIndex<string>();
  const remove = index.add({}, 'early');
  remove();
  index.add({}, 'late');
  remove();
  expect(index.matching({ operation: 'CREATE', objectType: 'Job' })).toEqual(['late']);
});
