import type { EventFilter } from '../../event/event-filter.ts';
import { InvalidParameterError } from '../../http/feed/invalid-parameter.ts';
import { dateOf, filterOf, single, wholeNumber } from '../../http/feed/query-parameters.ts';
import { nearest } from '../../validation/nearest.ts';

/**
 * Query of a request. Each function reads one parameter, and throws an `InvalidParameterError` if the parameter is not
 * valid.
 */
export interface Query {
  /** Returns a parameter that is a text, if it is given. */
  text(name: string): string | undefined;
  /** Returns a parameter that is a whole number in a range, if it is given. */
  whole(name: string, min: number, max?: number): number | undefined;
  /** Returns a parameter that is a date, if it is given. */
  date(name: string): Date | undefined;
  /** Returns the filter of the parameters `type`, `operation` and `key`, which can be repeated. */
  filter(): EventFilter | undefined;
}

/** Names of the parameters of a filter. */
export const FILTER_PARAMETERS = ['type', 'operation', 'key'] as const;

function assertKnown(parameters: URLSearchParams, known: readonly string[]): void {
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const advice =
      near === undefined
        ? `the parameters of this resource are ${known.join(', ') || 'none'}`
        : `did you mean '${near}'?`;
    throw new InvalidParameterError(name, `is not a known parameter; ${advice}`);
  }
}

/**
 * Returns the query of a request.
 *
 * @param known - Names of the parameters of the resource.
 * @throws {@link InvalidParameterError} if the request has another parameter.
 */
export function readQuery({ url }: Request, known: readonly string[]): Query {
  const parameters = new URL(url).searchParams;
  assertKnown(parameters, known);
  return {
    text: (name) => single(parameters, name),
    whole(name, min, max = Number.MAX_SAFE_INTEGER) {
      const value = wholeNumber(parameters, name, min);
      if (value === undefined || value <= max) return value;
      throw new InvalidParameterError(name, `must be a whole number from ${min} to ${max}`);
    },
    date(name) {
      const text = single(parameters, name);
      if (text === undefined) return undefined;
      const date = dateOf(text);
      if (date !== undefined) return date;
      throw new InvalidParameterError(
        name,
        'must be a date with a time zone, for example 2026-01-31T12:00:00Z',
      );
    },
    filter: () => filterOf(parameters),
  };
}
