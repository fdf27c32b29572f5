import { createHash } from 'node:crypto';
import type { EventFilter } from '../../event/event-filter.ts';
import type { Operation } from '../../event/operation.ts';

/** A longer token is shortened: the server takes no more than 4096 bytes of subjects and lengths in one line. */
const LONGEST_TOKEN = 256;

/** What `encodeURIComponent` leaves as it is, and a subject does not. */
const SPECIAL = /[.!~*'()]/g;

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** An object type as ASCII without blanks, dots and wildcards; `decodeURIComponent` is the way back. */
export const encodeType = (objectType: string): string =>
  encodeURIComponent(objectType).replace(SPECIAL, escaped);

/** The token of an object type in a subject: itself, or a digest behind a `%` that no escape begins with. */
function typeToken(objectType: string): string {
  const encoded = encodeType(objectType);
  if (encoded.length <= LONGEST_TOKEN) return encoded;
  return `%sha256-${createHash('sha256').update(objectType).digest('hex')}`;
}

/** The subject of the events of one kind. */
export const subjectOf = (prefix: string, objectType: string, operation: Operation): string =>
  `${prefix}.${typeToken(objectType)}.${operation}`;

const onlyOne = <V>(list: readonly V[] | undefined): V | undefined =>
  list?.length === 1 ? list[0] : undefined;

/**
 * The one subject that lets through all that the filter does, and as little else as one subject can: a consumer has no
 * more than one before version 2.10 of the server.
 */
export function subjectFor(prefix: string, filter: EventFilter | undefined): string {
  const objectType = onlyOne(filter?.objectTypes);
  const operation = onlyOne(filter?.operations);
  if (objectType === undefined && operation === undefined) return `${prefix}.>`;
  return `${prefix}.${objectType === undefined ? '*' : typeToken(objectType)}.${operation ?? '*'}`;
}
