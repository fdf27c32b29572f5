import { InvalidArgumentError } from 'commander';

/** Returns a parser of whole numbers from a minimum on. */
export const parseWhole =
  (min: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${min}.`);
  };
