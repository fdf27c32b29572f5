/** One range of an `Accept` header, for example `text/*;q=0.5`, with its quality from 0 to 1. */
interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

function rangesOf(accept: string): readonly MediaRange[] {
  return accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const value = quality === undefined ? 1 : Number(quality.slice(2));
    return { type, quality: value >= 0 && value <= 1 ? value : 0 };
  });
}

/** Returns the specificity with which a range matches a media type, from 1; 0 if the range does not match. */
function specificity({ type: range }: MediaRange, type: string): number {
  if (range === type) return 3;
  if (range === `${type.slice(0, type.indexOf('/'))}/*`) return 2;
  return range === '*/*' ? 1 : 0;
}

/**
 * Returns the quality that an `Accept` header gives to a media type: the quality of the most specific range that matches.
 */
function qualityOf(ranges: readonly MediaRange[], type: string): number {
  const [best] = ranges
    .map((range) => ({ ...range, rank: specificity(range, type) }))
    .filter(({ rank }) => rank > 0)
    .sort((one, other) => other.rank - one.rank);
  return best?.quality ?? 0;
}

/**
 * Returns the media type that an `Accept` header prefers; `undefined` if it accepts none of them.
 *
 * @param accept - Value of the header; `null` if it is missing.
 * @param offered - Offered media types. The first one has priority among types of equal quality.
 */
export function preferred<T extends string>(accept: string | null, offered: readonly T[]): T | undefined {
  if (accept === null || accept.trim() === '') return offered[0];
  const ranges = rangesOf(accept);
  const [best] = offered
    .map((type) => ({ type, quality: qualityOf(ranges, type) }))
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  return best?.type;
}
