import { OPERATIONS, type Operation } from '../../event/event.ts';
import { eventKey } from '../../event/event-context.ts';
import type { EventFilter } from '../../event/event-filter.ts';
import { typeName } from '../../validation/types.ts';
import { InvalidParameterError } from './invalid-parameter.ts';

/** Returns the value of a parameter that must not be repeated; `undefined` if it is missing. */
export function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  if (others.length > 0) throw new InvalidParameterError(name, 'must not be repeated');
  return value;
}

/** Returns a parameter that is a whole number; `undefined` if it is missing. */
export function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidParameterError(name, `must be a whole number from ${least}`);
}

/** Date of ISO 8601 with a time zone. A date without a time zone would depend on the time zone of the server. */
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Parses a date of ISO 8601 with a time zone. Returns `undefined` for any other text. */
export function dateOf(text: string): Date | undefined {
  const date = new Date(text);
  return DATE.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** Returns the sequence number of the header `Last-Event-ID`, which `EventSource` sends; `undefined` if it is missing. */
export function lastEventId({ headers }: Request): number | undefined {
  const text = headers.get('last-event-id');
  if (text === null || text === '') return undefined;
  const seqNum = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seqNum)) return seqNum;
  throw new InvalidParameterError('Last-Event-ID', 'must be a sequence number');
}

/** Returns the values of a parameter that can be repeated, sorted and without duplicates. */
function all(query: URLSearchParams, name: string, isValid: (value: string) => boolean, expected: string) {
  const values = query.getAll(name);
  if (!values.every(isValid)) throw new InvalidParameterError(name, expected);
  return [...new Set(values)].sort();
}

const isOperation = (value: string): value is Operation => (OPERATIONS as readonly string[]).includes(value);

/**
 * Returns the filter of the parameters `type`, `operation` and `key`; `undefined` if all events match. Equal filters are equal
 * as JSON text, so that their readers share pages.
 */
export function filterOf(query: URLSearchParams): EventFilter | undefined {
  const objectTypes = all(query, 'type', typeName.is, `must be ${typeName.name}`);
  const operations = all(query, 'operation', isOperation, `must be one of ${OPERATIONS.join(', ')}`);
  const keys = all(query, 'key', eventKey.is, `must be ${eventKey.name}`);
  if (objectTypes.length + operations.length + keys.length === 0) return undefined;
  return {
    ...(objectTypes.length > 0 && { objectTypes }),
    ...(operations.length > 0 && { operations: operations as Operation[] }),
    ...(keys.length > 0 && { keys }),
  };
}
