import { types } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, SerializationError } from '../../errors.ts';
import { cloneJson, UNSURE } from './clone-json.ts';
import { thrownFault } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { type RoundTrip, withShortcuts } from './serializer-shortcuts.ts';
import { checkedCopy, type FormatRules } from './unsupported-values.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function valueFault(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'function':
    case 'symbol':
      return `JSON has no ${typeof value}`;
    case 'bigint':
      return 'JSON has no bigint; store it as a string';
    case 'number':
      return Number.isFinite(value) ? undefined : `JSON has no ${value}`;
    default:
      return undefined;
  }
}

/**
 * Returns the value that `JSON.stringify` stores for a given value, for example the result of `toJSON`. Returns `NaN` for an
 * invalid date, so that the date is reported as a fault.
 */
function substitute(value: unknown, key: string): unknown {
  if (typeof value === 'number') return value + 0; // `JSON.stringify` writes -0 as 0
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))) return Number.NaN;
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value;
}

const RULES: FormatRules = {
  format: 'JSON',
  valueFault,
  keyFault: () => undefined,
  substitute,
  isAtomic: () => false,
};

function decode(bytes: Uint8Array): E.Either<DeserializationError, unknown> {
  try {
    return E.right(JSON.parse(utf8.decode(bytes)));
  } catch (cause) {
    // The message of the parser is not used, because it repeats the text, which can contain secrets.
    const message = `must be JSON in UTF-8; received ${bytes.length} bytes of other data`;
    return E.left(new DeserializationError([{ path: 'object', message }], { cause }));
  }
}

/**
 * Parses all payloads as one array. This takes a quarter less time than parsing each payload separately, because V8 reuses
 * the shape of one object for the next one.
 */
function decodeList(list: string, { length }: readonly string[]): readonly unknown[] | undefined {
  const objects: readonly unknown[] = JSON.parse(`[${list}]`);
  return objects.length === length ? objects : undefined;
}

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8');

const onlyBytes = ({ bytes }: RoundTrip): Uint8Array => bytes;

function roundTrip(
  object: unknown,
  objectType: string,
  maxBytes = Number.POSITIVE_INFINITY,
): E.Either<SerializationError, RoundTrip> {
  try {
    const clone = cloneJson(object, maxBytes);
    if (clone !== UNSURE) return E.right({ bytes: bytesOf(clone), copy: clone });
    const { copy, faults, ...options } = checkedCopy(RULES, object, maxBytes);
    if (faults.length > 0) return E.left(new SerializationError(objectType, faults, options));
    return E.right({ bytes: bytesOf(copy), copy });
  } catch (cause) {
    return E.left(new SerializationError(objectType, [thrownFault(cause)], { cause }));
  }
}

/**
 * Returns the default serializer, which stores objects as JSON in UTF-8.
 *
 * The serializer supports plain objects, arrays, strings, finite numbers, booleans and `null`. For an object with a `toJSON`
 * method, for example a `Date`, it stores the result of that method. It omits properties that are `undefined`.
 *
 * All other values cause a `SerializationError` that lists each fault with its path. Examples are `undefined` in an array,
 * functions, symbols, bigints, `NaN`, `Infinity`, circular references, and instances of classes like `Map`.
 *
 * @see {@link messagePackSerializer}
 * @example
 * openLmdbStore({ path: './events.lmdb', serializer: jsonSerializer() })
 */
export const jsonSerializer = (): Serializer =>
  withShortcuts(
    {
      encode: (object, objectType) => E.map(onlyBytes)(roundTrip(object, objectType)),
      decode,
    },
    { isPlain: true, roundTrip, decodeList },
  );
