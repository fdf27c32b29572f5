import { described } from './described.ts';

const isWholeFrom = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least;

/** A whole number of at least `least` that a double holds exactly. */
export const wholeFrom = (least: number) =>
  described(`a whole number from ${least}`, (value): value is number => isWholeFrom(value, least));

/** The same, or `Infinity`. */
export const wholeOrInfinity = described(
  'a whole number from 0, or Infinity',
  (value): value is number => value === Number.POSITIVE_INFINITY || isWholeFrom(value, 0),
);

/** Milliseconds: a finite number from 0. */
export const duration = described(
  'milliseconds, from 0',
  (value): value is number => Number.isFinite(value) && (value as number) >= 0,
);

/** Milliseconds from 0, or `Infinity` for "without an end". */
export const durationOrInfinity = described(
  'milliseconds, from 0, or Infinity',
  (value): value is number => typeof value === 'number' && value >= 0,
);

/** The longest delay that Node's timers know, in milliseconds; a longer one would be over at once. */
const LONGEST_DELAY = 2_147_483_647;

const isDelay = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= LONGEST_DELAY;

/** Milliseconds for a timer. */
export const delay = described(`milliseconds, from 0 to ${LONGEST_DELAY}`, isDelay);

/** The same, of some length. */
export const period = described(
  `milliseconds, from 1 to ${LONGEST_DELAY}`,
  (value): value is number => isDelay(value) && value >= 1,
);

/** Milliseconds for a timer, or `Infinity` for "without an end". */
export const delayOrInfinity = described(
  `milliseconds, from 0 to ${LONGEST_DELAY}, or Infinity`,
  (value): value is number => value === Number.POSITIVE_INFINITY || isDelay(value),
);
