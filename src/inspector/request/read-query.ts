import type { Operation } from '../../event/event.ts';
import { OPERATIONS } from '../../event/event.ts';
import { eventKey } from '../../event/event-context.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import { nearest } from '../../validation/nearest.ts';
import { RequestError } from './request-error.ts';

/** Returns the error of a parameter that is not valid. */
const invalid = (name: string, expected: string): RequestError =>
  new RequestError(400, 'ERR_INVALID_PARAMETER', `The parameter ${name} must be ${expected}.`);

/** Date of ISO 8601 with a time zone. A date without a time zone would depend on the time zone of the server. */
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Query of a request. Each function reads one parameter, and throws a `RequestError` if the parameter is not valid. */
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

/** Parameters of a filter. */
export const FILTER_PARAMETERS = ['type', 'operation', 'key'] as const;

const assertKnown = (parameters: URLSearchParams, known: readonly string[]): void => {
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const advice =
      near === undefined ? `the parameters are ${known.join(', ') || 'none'}` : `did you mean '${near}'?`;
    throw new RequestError(400, 'ERR_INVALID_PARAMETER', `The parameter '${name}' is not known; ${advice}`);
  }
};

const toOperation = (text: string): Operation => {
  const operation = OPERATIONS.find((name) => name === text.toUpperCase());
  if (operation === undefined) throw invalid('operation', `one of ${OPERATIONS.join(', ')}`);
  return operation;
};

/**
 * Returns the query of a request.
 *
 * @param known - Names of the parameters of the resource.
 * @throws {@link RequestError} if the request has another parameter.
 */
export function readQuery({ url }: Request, known: readonly string[]): Query {
  const parameters = new URL(url).searchParams;
  assertKnown(parameters, known);
  const one = (name: string): string | undefined => {
    const values = parameters.getAll(name);
    if (values.length > 1) throw invalid(name, 'given at most once');
    return values[0];
  };
  return {
    text: one,
    whole(name, min, max = Number.MAX_SAFE_INTEGER) {
      const text = one(name);
      if (text === undefined) return undefined;
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= min && value <= max) return value;
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw invalid(name, `a whole number ${range}`);
    },
    date(name) {
      const text = one(name);
      if (text === undefined) return undefined;
      const date = new Date(text);
      if (DATE.test(text) && !Number.isNaN(date.getTime())) return date;
      throw invalid(name, 'a date with a time zone, for example 2026-01-31T12:00:00Z');
    },
    filter() {
      const objectTypes = parameters.getAll('type');
      const operations = parameters.getAll('operation').map(toOperation);
      const keys = parameters.getAll('key');
      if (!keys.every(eventKey.is)) throw invalid('key', eventKey.name);
      if (objectTypes.length + operations.length + keys.length === 0) return undefined;
      return { objectTypes, operations, keys };
    },
  };
}
