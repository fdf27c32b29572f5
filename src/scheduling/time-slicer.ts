import { type SchedulerLike, Subscription } from 'rxjs';
import { sliceClockOf } from './clock.ts';
import { currentTurn, nextTurn } from './event-loop-turn.ts';

/** Maximum time for which all loops of one scheduler together block the event loop, in milliseconds. */
const SLICE = 8;

/**
 * Maximum time, in milliseconds, for a loop that starts or that continues after a wait. It is short, so that loops that start
 * at the same moment stay at similar positions and share decoded objects in the cache.
 */
const FIRST_SLICE = 1;

/** Scheduling of all loops on one scheduler, which take turns. */
export interface TimeSlicer {
  /** Registers the start of a loop. The first start in a turn of the event loop begins a slice. */
  start(): void;
  /** Returns whether a loop must yield: the slice has ended, or other loops wait for their turn. */
  shouldYield(): boolean;
  /** Calls `resume` at the next turn of the loop. Loops resume in the order of the calls. */
  resumeLater(resume: () => void): void;
  /** Cancels a call of `resumeLater`. */
  cancel(resume: () => void): void;
}

/** Creates a time slicer: one slice for each turn of the event loop, shared by all loops. */
function createTimeSlicer(scheduler: SchedulerLike): TimeSlicer {
  const clock = sliceClockOf(scheduler);
  const waiting = new Set<() => void>();
  let turn = -1;
  let end = 0;
  let isTakingTurns = false;
  let timer = Subscription.EMPTY;

  const isOver = () => {
    const now = clock();
    if (turn !== currentTurn()) {
      turn = currentTurn();
      end = now + (isTakingTurns ? SLICE : FIRST_SLICE);
    }
    return now >= end;
  };
  const takeTurns = () => {
    turn = -1;
    isTakingTurns = true;
    try {
      for (const resume of waiting) {
        if (isOver()) break;
        waiting.delete(resume);
        resume();
      }
    } finally {
      isTakingTurns = false;
      if (waiting.size > 0) timer = nextTurn(scheduler, takeTurns);
    }
  };
  return {
    start: isOver,
    shouldYield: () => isOver() || (isTakingTurns && waiting.size > 0),
    resumeLater(resume) {
      const isFirst = waiting.size === 0 && !isTakingTurns;
      waiting.add(resume);
      if (isFirst) timer = nextTurn(scheduler, takeTurns);
    },
    cancel(resume) {
      if (waiting.delete(resume) && waiting.size === 0) timer.unsubscribe();
    },
  };
}

const slicers = new WeakMap<SchedulerLike, TimeSlicer>();

/** Returns the time slicer of a scheduler. */
export function timeSlicerOf(scheduler: SchedulerLike): TimeSlicer {
  const slicer = slicers.get(scheduler) ?? createTimeSlicer(scheduler);
  slicers.set(scheduler, slicer);
  return slicer;
}
