import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import type { Event } from '../../src/event/event.ts';
import { ofType } from '../../src/operators/of-type.ts';
import { storedEvent } from '../support/events.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

type JobEvent = Event<{ readonly jobId: string }, 'Job'>;
type RunEvent = Event<{ readonly exitCode: number }, 'Run'>;
type NodeEvent = Event<{ readonly address: string }, 'Node'>;
type AnyOfThree = JobEvent | RunEvent | NodeEvent;

const values = { j: storedEvent(1, 'Job'), r: storedEvent(2, 'Run'), n: storedEvent(3, 'Node') };

describe('the operator ofType', () => {
  it(
    'ofType emits the events of one object type',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const e1 = hot('  -j-r-n-j-|', values);
      const subs = '    ^--------!';
      const expected = '-j-----j-|';

      expectObservable(e1.pipe(ofType('Job'))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'ofType emits the events of several object types',
    inVirtualTime(({ hot, expectObservable }) => {
      const e1 = hot('  -j-r-n-j-#', values);
      const expected = '-j---n-j-#';

      expectObservable(e1.pipe(ofType('Job', 'Node'))).toBe(expected, values);
    }),
  );

  it(
    'ofType emits nothing if no object type is given or no event has the given type',
    inVirtualTime(({ cold, expectObservable }) => {
      const e1 = cold(' -j-r-n-|', values);
      const expected = '-------|';

      expectObservable(e1.pipe(ofType())).toBe(expected);
      expectObservable(e1.pipe(ofType('job'))).toBe(expected);
    }),
  );

  it(
    'ofType narrows the TypeScript type of the object in a union of events',
    inVirtualTime(({ cold }) => {
      const events: Observable<AnyOfThree> = cold<AnyOfThree>('|');

      const one = events.pipe(ofType('Job'));
      expectTypeOf(one).toEqualTypeOf<Observable<JobEvent>>();
      const two = events.pipe(ofType('Job', 'Run'));
      expectTypeOf(two).toEqualTypeOf<Observable<JobEvent | RunEvent>>();
      // @ts-expect-error: the union has no such object type
      events.pipe(ofType('Jbo'));
    }),
  );

  it(
    'ofType narrows the TypeScript type of objectType in a plain event, and leaves the type of the object unknown',
    inVirtualTime(({ cold }) => {
      const events: Observable<Event> = cold<Event>('|');

      const jobs = events.pipe(ofType('Job'));
      type Narrowed = typeof jobs extends Observable<infer E> ? E : never;
      expectTypeOf<Narrowed>().toExtend<Event>();
      expectTypeOf<Narrowed['objectType']>().toEqualTypeOf<'Job'>();
      expectTypeOf<Narrowed['object']>().toEqualTypeOf<unknown>();
    }),
  );
});
