import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/event/event.ts';
import { type EventFilter, matches } from '../../../src/event/event-filter.ts';
import { createFilterIndex } from '../../../src/store/read/filter-index.ts';

const type = fc.constantFrom('Job', 'Run', '__proto__', '');
const key = fc.constantFrom('a', 'b', 'undefined', 'Job');
const partition = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.nat(count - 1).map((index) => ({ index, count })));
const filter: fc.Arbitrary<EventFilter> = fc.record(
  {
    objectTypes: fc.array(type),
    operations: fc.array(fc.constantFrom(...OPERATIONS)),
    keys: fc.array(key),
    partition,
  },
  { requiredKeys: [] },
);

const event = fc.record(
  { operation: fc.constantFrom(...OPERATIONS), objectType: type, key },
  { requiredKeys: ['operation', 'objectType'] },
);

it('a filter index finds exactly the readers with a matching filter after any additions and removals', () => {
  const reader = fc.record({ filter, stays: fc.boolean() });
  fc.assert(
    fc.property(fc.array(reader), fc.array(event), (readers, events) => {
      const index = createFilterIndex<number>();
      const remove = readers.map(({ filter }, id) => index.add(filter, id));
      for (const [id, { stays }] of readers.entries()) if (!stays) remove[id]?.();

      const isMatch = (filter: EventFilter) =>
        events.some(({ operation, objectType, key }) => matches(filter, operation, objectType, key));
      const expected = [...readers.keys()].filter((id) => readers[id]?.stays && isMatch(readers[id].filter));
      expect([...index.matching(events)].sort((a, b) => a - b)).toEqual(expected);
    }),
  );
});

it("a filter index distinguishes the type 'A' with the key 'b ' from the type 'A b'", () => {
  const index = createFilterIndex<string>();
  index.add({ keys: ['b '] }, 'key');
  index.add({ objectTypes: ['A b'] }, 'type');

  const found = index.matching([
    { operation: 'CREATE', objectType: 'A', key: 'b ' },
    { operation: 'CREATE', objectType: 'A b' },
  ]);

  expect([...found].sort()).toEqual(['key', 'type']);
});

it('a filter index visits no filters with other keys when it looks up a key', () => {
  const index = createFilterIndex<number>();
  let visits = 0;
  for (let n = 0; n < 100; n++) {
    const visited = {
      keys: [`key ${n}`],
      get operations() {
        visits++;
        return [];
      },
    };
    index.add(visited, n);
  }
  visits = 0;

  expect([...index.matching([{ operation: 'CREATE', objectType: 'Job', key: 'key 7' }])]).toEqual([7]);
  expect(visits).toBe(1);
});

it('a filter index removes no other reader when the same reader is removed twice', () => {
  const index = createFilterIndex<string>();
  const remove = index.add({}, 'early');
  remove();
  index.add({}, 'late');
  remove();
  expect([...index.matching([{ operation: 'CREATE', objectType: 'Job' }])]).toEqual(['late']);
});
