import { createHash } from 'node:crypto';

/** An id that is a key as it is. */
const PLAIN = /^[\w-]{1,64}$/;

/** The token of an id in a key: itself, or a digest behind a `=`, which no id begins with that is left as it is. */
export const idToken = (id: string): string =>
  PLAIN.test(id) ? id : `=${createHash('sha256').update(id, 'utf16le').digest('hex')}`;
