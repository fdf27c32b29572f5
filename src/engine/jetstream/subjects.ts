import { createHash } from 'node:crypto';
import type { Operation } from '../../event/event.ts';
import type { EventFilter } from '../../event/event-filter.ts';

/**
 * Maximum length of an encoded object type in a subject, in characters. A longer one is replaced by a digest, because the
 * server limits a protocol line to 4096 bytes.
 */
const MAX_TOKEN_LENGTH = 256;

/** Characters that `encodeURIComponent` does not escape, but that a subject must not contain. */
const SPECIAL = /[.!~*'()]/g;

const escapeCharacter = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Encodes an object type as ASCII without blanks, dots and wildcards. `decodeURIComponent` decodes it. */
export const encodeType = (objectType: string): string =>
  encodeURIComponent(objectType).replace(SPECIAL, escapeCharacter);

/**
 * Returns the token of an object type in a subject: its encoded form, or `%sha256-` and a digest if the encoded form is too
 * long.
 */
function typeToken(objectType: string): string {
  const encoded = encodeType(objectType);
  if (encoded.length <= MAX_TOKEN_LENGTH) return encoded;
  return `%sha256-${createHash('sha256').update(objectType).digest('hex')}`;
}

/** Returns the subject of an event: `prefix.objectType.operation`. */
export const subjectOf = (prefix: string, objectType: string, operation: Operation): string =>
  `${prefix}.${typeToken(objectType)}.${operation}`;

/**
 * Maximum number of filter subjects of a cursor. The number is low, because a read at the end of the log sends a request for
 * each subject.
 */
const MAX_SUBJECTS = 8;

/**
 * Returns the tokens of one condition of a filter. Returns the wildcard if the condition has no values or too many values.
 */
const tokensOf = (values: readonly string[] = [], maximum: number): readonly string[] => {
  const tokens = [...new Set(values)];
  return tokens.length === 0 || tokens.length > maximum ? ['*'] : tokens;
};

/**
 * Returns the narrowest subjects that together match all events of a filter. The subjects can also match other events, so
 * readers must still apply the filter. The subjects do not overlap, because the server rejects overlapping ones.
 *
 * @param isSingle - Whether the result must be a single subject. Before version 2.10 of the server, a consumer can have only
 *   one.
 */
export function subjectsFor(
  prefix: string,
  filter: EventFilter | undefined,
  isSingle: boolean,
): readonly string[] {
  const maximum = isSingle ? 1 : MAX_SUBJECTS;
  const operations = tokensOf(filter?.operations, maximum);
  const types = tokensOf(filter?.objectTypes?.map(typeToken), Math.floor(maximum / operations.length));
  if (types[0] === '*' && operations[0] === '*') return [`${prefix}.>`];
  return types.flatMap((type) => operations.map((operation) => `${prefix}.${type}.${operation}`));
}
