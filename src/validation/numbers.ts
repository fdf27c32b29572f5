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
