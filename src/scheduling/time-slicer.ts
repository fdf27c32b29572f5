import { type SchedulerLike, Subscription } from 'rxjs';
import { sliceClockOf } from './clock.ts';
import { currentTurn, nextTurn } from './event-loop-turn.ts';

/** How long, in milliseconds, the loops on one scheduler may hold the event loop together before it gets a turn. */
const SLICE = 8;

/**
 * How long, if they are not taking turns: when one begins, or goes on after it has waited. Others that begin at the same
 * moment are to be at about the same place, and to find what it has decoded where that is kept.
 */
const FIRST_SLICE = 1;

/** Where the loops on one scheduler take turns. */
export interface TimeSlicer {
  /** A loop begins: if it is the first in this turn of the event loop, so does a slice. */
  begin(): void;
  /** Whether a loop may go on at once: the slice is not over, and no other loop has its turn now. */
  mayGoOn(): boolean;
  /** Has a loop go on when its turn comes, in the order of the calls. */
  goOnLater(resume: () => void): void;
  /** Lets a loop wait no longer. */
  forget(resume: () => void): void;
}

/** One slice of time at each turn of the event loop, for all loops, who take turns in it. */
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
    begin: isOver,
    mayGoOn: () => !isOver() && !(isTakingTurns && waiting.size > 0),
    goOnLater(resume) {
      const isFirst = waiting.size === 0 && !isTakingTurns;
      waiting.add(resume);
      if (isFirst) timer = nextTurn(scheduler, takeTurns);
    },
    forget(resume) {
      if (waiting.delete(resume) && waiting.size === 0) timer.unsubscribe();
    },
  };
}

const known = new WeakMap<SchedulerLike, TimeSlicer>();

/** The slices of a scheduler. */
export function timeSlicerOf(scheduler: SchedulerLike): TimeSlicer {
  const slices = known.get(scheduler) ?? createTimeSlicer(scheduler);
  known.set(scheduler, slices);
  return slices;
}
