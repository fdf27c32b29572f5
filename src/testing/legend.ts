import { inspect, isDeepStrictEqual } from 'node:util';
import type { Event, Outcome } from '../index.ts';
import { showEvent, showOutcome } from './show.ts';

/** All that there is to a value, on one line; where an error was thrown does not matter. */
const inFull = (value: unknown): string =>
  inspect(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY })
    .replace(/\n\s+at .*?( \{)?$/gm, '$1')
    .replace(/\s*\n\s*/g, ' ');

/** A value as a reader knows it. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(brief).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return inFull(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if ('status' in value && 'attempts' in value) return showOutcome(value as Outcome);
  if ('operation' in value && 'seqNum' in value) return showEvent(value as Event);
  return inFull(value);
}

/** Values that differ, each as briefly as it can be told from the others. */
export function showEach(values: readonly unknown[]): readonly string[] {
  const texts = values.map(brief);
  return texts.map((text, index) =>
    texts.indexOf(text) === texts.lastIndexOf(text) ? text : inFull(values[index]),
  );
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The first of the many characters that stand for what the letters are too few for. */
const FIRST_IDEOGRAPH = 0x4e00;

const letterOf = (index: number): string =>
  LETTERS[index] ?? String.fromCharCode(FIRST_IDEOGRAPH + index - LETTERS.length);

/** Gives each value that is told a letter of its own, the same to those that are equal. */
export function createLegend() {
  const values: unknown[] = [];
  return {
    /** The letter of a value. */
    letter(value: unknown): string {
      const known = values.findIndex((other) => isDeepStrictEqual(other, value));
      return letterOf(known === -1 ? values.push(value) - 1 : known);
    },
    /** What each letter stands for. */
    lines: (): readonly string[] => showEach(values).map((text, index) => `  ${letterOf(index)} = ${text}`),
  };
}
