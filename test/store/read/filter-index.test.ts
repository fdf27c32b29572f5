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

it('finds those whose filter lets an event through, however they came and went', () => {
  const someone = fc.record({ filter, stays: fc.boolean() });
  fc.assert(
    fc.property(fc.array(someone), fc.constantFrom(...OPERATIONS), type, (all, operation, objectType) => {
      const interests = createFilterIndex<number>();
      const leave = all.map((one, who) => interests.add(one.filter, who));
      for (const [who, { stays }] of all.entries()) if (!stays) leave[who]?.();

      const expected = [...all.keys()].filter(
        (who) => all[who]?.stays && matches(all[who].filter, operation, objectType),
      );
      expect([...interests.in({ operation, objectType })].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});

it('to leave twice takes nobody else away', () => {
  const interests = createFilterIndex<string>();
  const leave = interests.add({}, 'early');
  leave();
  interests.add({}, 'late');
  leave();
  expect(interests.in({ operation: 'CREATE', objectType: 'Job' })).toEqual(['late']);
});
