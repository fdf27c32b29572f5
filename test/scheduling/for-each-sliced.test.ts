import { expect, it } from 'vitest';
import { forEachSliced } from '../../src/scheduling/for-each-sliced.ts';
import { VirtualClock } from './virtual-clock.ts';

const ITEMS = [...Array(20).keys()];

/** Each item takes a millisecond. */
function working(rest?: number) {
  const clock = new VirtualClock();
  const done: number[] = [];
  let isComplete = false;
  const work = (item: number) => {
    done.push(item);
    clock.frame++;
  };
  const subscription = forEachSliced(ITEMS, work, clock, rest).subscribe({
    complete() {
      isComplete = true;
    },
  });
  return { clock, done, subscription, isComplete: () => isComplete };
}

it('does what fits into a slice at once, and the rest when the event loop has had its turn', () => {
  const { clock, done, isComplete } = working();
  expect(done).toEqual(ITEMS.slice(0, 8));
  expect(isComplete()).toBe(false);
  clock.advanceBy(30);
  expect(done).toEqual(ITEMS);
  expect(isComplete()).toBe(true);
  expect(clock.timers).toBe(0);
});

it('rests as many times as long as it has worked', () => {
  const { clock, done } = working(5);
  clock.advanceBy(39);
  expect(done).toEqual(ITEMS.slice(0, 8));
  clock.advanceBy(1);
  expect(done).toEqual(ITEMS.slice(0, 16));
});

it('stops when nobody listens any more, and leaves no timer', () => {
  const { clock, done, subscription } = working();
  subscription.unsubscribe();
  expect(clock.timers).toBe(0);
  clock.advanceBy(100);
  expect(done).toEqual(ITEMS.slice(0, 8));
});

it('stops in the middle of a slice', () => {
  const clock = new VirtualClock();
  const stopped: number[] = [];
  const later = forEachSliced(
    ITEMS,
    (item) => {
      stopped.push(item);
      clock.frame += 2;
      if (item === 6) later.unsubscribe();
    },
    clock,
  ).subscribe();
  clock.advanceBy(100);
  expect(stopped).toEqual(ITEMS.slice(0, 7));
});

it('completes at once when there is nothing to do', () => {
  let isComplete = false;
  forEachSliced([], () => undefined, new VirtualClock()).subscribe({
    complete() {
      isComplete = true;
    },
  });
  expect(isComplete).toBe(true);
});
