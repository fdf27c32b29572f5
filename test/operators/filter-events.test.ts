import { describe, it } from 'vitest';
import type { EventFilter } from '../../src/event/event-filter.ts';
import { filterEvents } from '../../src/operators/filter-events.ts';
import { storedEvent } from '../support/events.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

const values = {
  a: storedEvent(1, 'Job', 'CREATE'),
  b: storedEvent(2, 'Job', 'UPDATE'),
  c: storedEvent(3, 'Run', 'CREATE'),
  d: storedEvent(4, 'Run', 'DELETE'),
};

describe('the operator filterEvents', () => {
  it.each<[string, EventFilter, string]>([
    ['no lists                 ', {}, '                                                   -abcd|'],
    ['empty lists              ', { objectTypes: [], operations: [] }, '                   -abcd|'],
    ['one object type          ', { objectTypes: ['Job'] }, '                              -ab--|'],
    ['several object types     ', { objectTypes: ['Job', 'Run'] }, '                       -abcd|'],
    ['one operation            ', { operations: ['CREATE'] }, '                            -a-c-|'],
    ['several operations       ', { operations: ['UPDATE', 'DELETE'] }, '                  --b-d|'],
    ['a type and an operation  ', { objectTypes: ['Run'], operations: ['CREATE'] }, '      ---c-|'],
    ['one of two lists empty   ', { objectTypes: [], operations: ['DELETE'] }, '           ----d|'],
    ['a type without events    ', { objectTypes: ['Node'] }, '                             -----|'],
  ])('filterEvents emits only the events that match a filter with %s', (_name, filter, expected) => {
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot('-abcd|', values);
      const subs = '  ^----!';

      expectObservable(e1.pipe(filterEvents(filter))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    })();
  });

  it(
    'filterEvents passes on an error of the source',
    inVirtualTime(({ hot, expectObservable }) => {
      const e1 = hot('  -ab#', values);
      const expected = '-a-#';

      expectObservable(e1.pipe(filterEvents({ operations: ['CREATE'] }))).toBe(expected, values);
    }),
  );
});
