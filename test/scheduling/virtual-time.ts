import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** What a test in virtual time is given: the marbles, and the scheduler for its stores and watchers. */
export type VirtualTime = RunHelpers & { readonly scheduler: TestScheduler };

/** A test that runs in virtual time, from its beginning to the last timer. */
export const inVirtualTime = (test: (time: VirtualTime) => void) => (): void => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => test({ ...helpers, scheduler }));
};
