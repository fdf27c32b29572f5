import { expect, it } from 'vitest';
import { forEachSliced } from '../../src/scheduling/for-each-sliced.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';

const ITEMS = [...Array(20).keys()];

/** Runs forEachSliced on 20 items, each of which takes one millisecond. */
function run(rest?: number) {
  const clock = new VirtualClock();
  const handled: number[] = [];
  let isComplete = false;
  const work = (item: number) => {
    handled.push(item);
    clock.frame++;
  };
  const subscription = forEachSliced(ITEMS, work, clock, rest).subscribe({
    complete() {
      isComplete = true;
    },
  });
  return { clock, handled, subscription, isComplete: () => isComplete };
}

it('forEachSliced runs the first time slice synchronously, and each later slice in a later turn of the event loop', () => {
  const { clock, handled, isComplete } = run();
  expect(handled).toEqual(ITEMS.slice(0, 8));
  expect(isComplete()).toBe(false);
  clock.advanceBy(30);
  expect(handled).toEqual(ITEMS);
  expect(isComplete()).toBe(true);
  expect(clock.timers).toBe(0);
});

it('forEachSliced pauses after each slice for the given multiple of the duration of the slice', () => {
  const { clock, handled } = run(5);
  clock.advanceBy(39);
  expect(handled).toEqual(ITEMS.slice(0, 8));
  clock.advanceBy(1);
  expect(handled).toEqual(ITEMS.slice(0, 16));
});

it('forEachSliced calls no function and keeps no timer after an unsubscription during a pause', () => {
  const { clock, handled, subscription } = run();
  subscription.unsubscribe();
  expect(clock.timers).toBe(0);
  clock.advanceBy(100);
  expect(handled).toEqual(ITEMS.slice(0, 8));
});

it('forEachSliced calls no function after an unsubscription in the middle of a slice', () => {
  const clock = new VirtualClock();
  const handled: number[] = [];
  const later = forEachSliced(
    ITEMS,
    (item) => {
      handled.push(item);
      clock.frame += 2;
      if (item === 6) later.unsubscribe();
    },
    clock,
  ).subscribe();
  clock.advanceBy(100);
  expect(handled).toEqual(ITEMS.slice(0, 7));
});

it('forEachSliced completes synchronously if there are no items', () => {
  let isComplete = false;
  forEachSliced([], () => undefined, new VirtualClock()).subscribe({
    complete() {
      isComplete = true;
    },
  });
  expect(isComplete).toBe(true);
});
