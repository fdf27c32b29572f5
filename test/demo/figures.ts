import type { DemoEnd } from './start-demo.ts';

const toNumber = (text = 'nothing') => Number(text.replaceAll(',', ''));

/** How many events the store held before the run. */
export const heldBefore = ({ stdout }: DemoEnd): number =>
  toNumber(/^store .*, ([\d,]+) events$/m.exec(stdout)?.[1]);

/** How many events the run has stored. */
export const storedIn = ({ stdout }: DemoEnd): number => toNumber(/([\d,]+) events stored/.exec(stdout)?.[1]);

/** How many events each of the three watchers has handled in the run. */
export const handledIn = ({ stdout }: DemoEnd): number[] =>
  [...stdout.matchAll(/([\d,]+) events handled/g)].map((match) => toNumber(match[1]));
