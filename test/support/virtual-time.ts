import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** Helpers for marble diagrams, and the scheduler for stores and watchers of the test. */
export type VirtualTime = RunHelpers & { readonly scheduler: TestScheduler };

/** Returns a test that runs in virtual time until its last timer. */
export const inVirtualTime = (test: (time: VirtualTime) => void) => (): void => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
  scheduler.run((helpers) => test({ ...helpers, scheduler }));
};
