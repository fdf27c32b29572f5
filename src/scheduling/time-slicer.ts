import { type SchedulerLike, Subscription } from 'rxjs';
import { isRealTime, sliceClockOf } from './clock.ts';
import { currentTurn, nextTurn } from './event-loop-turn.ts';

/** Maximum time for which all loops of one scheduler together block the event loop, in milliseconds. */
export const SLICE = 8;

/**
 * Duration of the slice of a turn of the event loop that begins with a starting loop, in milliseconds. A loop that continues
 * after a wait for an event, a timer or a handler counts as a starting loop. This slice is shorter than `SLICE`, so that loops
 * that start together stay at similar positions and share decoded objects in the cache.
 */
const FIRST_SLICE = 1;

/**
 * Number of quick steps before the first check of the time slice. A replay with fewer steps is therefore synchronous, even
 * on a slow machine.
 */
const FIRST_STEPS = 128;

/** Number of quick steps between later checks of the time slice. */
const STEPS = 32;

/**
 * Number of quick steps as which each millisecond of a slow step counts. A step of 4 ms thus counts as 32 steps, after which
 * the loop checks its time slice.
 */
const STEPS_PER_MS = 8;

/**
 * Minimum duration of a long handler, in milliseconds. The time slice is checked after each long handler, because several
 * long handlers would block the event loop for longer than a slice.
 */
const LONG_HANDLER = 4;

/** Part that decides when the loops on one scheduler yield and resume, so that they take turns. */
interface TimeSlicer {
  /** Returns the current time, in milliseconds. The first call in a turn of the event loop begins a slice. */
  now(): number;
  /** Number of the turn of the event loop in which the slice began. */
  turn(): number;
  /** Returns whether a loop must yield: the slice has ended, or other loops wait for their turn. */
  shouldYield(now: number): boolean;
  /** Calls `resume` in a later turn of the event loop. Loops resume in the order of the calls. */
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

  const readClock = () => {
    const now = clock();
    if (turn !== currentTurn()) {
      turn = currentTurn();
      end = now + (isTakingTurns ? SLICE : FIRST_SLICE);
    }
    return now;
  };
  const takeTurns = () => {
    turn = -1;
    isTakingTurns = true;
    try {
      for (const resume of waiting) {
        if (readClock() >= end) break;
        waiting.delete(resume);
        resume();
      }
    } finally {
      isTakingTurns = false;
      if (waiting.size > 0) timer = nextTurn(scheduler, takeTurns);
    }
  };
  return {
    now: readClock,
    turn: () => turn,
    shouldYield: (now) => now >= end || (isTakingTurns && waiting.size > 0),
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

/** Returns the time slicer that all loops on a scheduler share. */
function timeSlicerOf(scheduler: SchedulerLike): TimeSlicer {
  const slicer = slicers.get(scheduler) ?? createTimeSlicer(scheduler);
  slicers.set(scheduler, slicer);
  return slicer;
}

/**
 * Part of a loop through which the loop shares time slices with other loops. Before each step, the loop calls `shouldYield`.
 */
export class LoopTurns {
  readonly #isReal: boolean;
  readonly #slicer: TimeSlicer;
  /** Time of the previous check, in milliseconds. */
  #checked: number;
  #turn: number;
  #stepsLeft = FIRST_STEPS;

  constructor(scheduler: SchedulerLike) {
    this.#isReal = isRealTime(scheduler);
    this.#slicer = timeSlicerOf(scheduler);
    this.#checked = this.#slicer.now();
    this.#turn = this.#slicer.turn();
  }

  /** Records that the loop continues after a wait. The time of the wait does not count as a step. */
  restart(): void {
    this.#checked = this.#slicer.now();
  }

  /**
   * Records that the loop continues after a handler. In real time, the time of the handler counts as time of the loop,
   * because the handler may have computed in microtasks of the same turn. In virtual time, it does not count, because the
   * handler has only waited.
   */
  restartAfterHandler(): void {
    if (!this.#isReal) this.restart();
  }

  /**
   * Returns whether the loop must yield before its next step. If so, the loop must call `resumeLater`.
   *
   * @param isAfterHandler - Whether a handler or a subscriber was called since the previous check.
   */
  shouldYield(isAfterHandler: boolean): boolean {
    const now = this.#slicer.now();
    const turn = this.#slicer.turn();
    const took = turn === this.#turn ? now - this.#checked : 0;
    this.#turn = turn;
    this.#checked = now;
    this.#stepsLeft -= Math.max(1, took * STEPS_PER_MS);
    if (this.#stepsLeft >= 0 && !(isAfterHandler && took >= LONG_HANDLER)) return false;
    this.#stepsLeft = STEPS - 1;
    return this.#slicer.shouldYield(now);
  }

  /** Calls `resume` in a later turn of the event loop. Loops resume in the order of the calls. */
  resumeLater(resume: () => void): void {
    this.#stepsLeft = STEPS;
    this.#slicer.resumeLater(resume);
  }

  /** Cancels a call of `resumeLater`. */
  cancel(resume: () => void): void {
    this.#slicer.cancel(resume);
  }
}
