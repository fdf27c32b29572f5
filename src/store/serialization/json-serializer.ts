import { types } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { DeserializationError, SerializationError } from '../../errors.ts';
import { cloneJson, UNSURE } from './clone-json.ts';
import { thrownFault } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { type Serialized, withShortcuts } from './serializer-shortcuts.ts';
import { checkedCopy, type FormatRules } from './unsupported-values.ts';

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function loss(value: unknown): string | undefined {
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

/** Value that `JSON.stringify` puts in place of another, but for an invalid date, of which it makes `null`. */
function standIn(value: unknown, key: string): unknown {
  if (typeof value === 'number') return value + 0; // JSON has no -0
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))) return Number.NaN;
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value;
}

const RULES: FormatRules = {
  format: 'JSON',
  loss,
  lossOfKey: () => undefined,
  standIn,
  isWhole: () => false,
};

function decode(bytes: Uint8Array): E.Either<DeserializationError, unknown> {
  try {
    return E.right(JSON.parse(text.decode(bytes)));
  } catch (cause) {
    // The parser's own message repeats the text, which may hold what must not be in a log.
    const message = `is not JSON in UTF-8; it takes ${bytes.length} bytes`;
    return E.left(new DeserializationError([{ path: 'object', message }], { cause }));
  }
}

/** As one array, whose objects take a quarter less time each: what V8 knows of one object serves the next. */
function decodeList(list: string, { length }: readonly string[]): readonly unknown[] | undefined {
  const objects: readonly unknown[] = JSON.parse(`[${list}]`);
  return objects.length === length ? objects : undefined;
}

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8');

const bytesAlone = ({ bytes }: Serialized): Uint8Array => bytes;

function capture(
  object: unknown,
  objectType: string,
  maxBytes = Number.POSITIVE_INFINITY,
): E.Either<SerializationError, Serialized> {
  try {
    const quick = cloneJson(object, maxBytes);
    if (quick !== UNSURE) return E.right({ bytes: bytesOf(quick), copy: quick });
    const { copy, faults, ...options } = checkedCopy(RULES, object, maxBytes);
    if (faults.length > 0) return E.left(new SerializationError(objectType, faults, options));
    return E.right({ bytes: bytesOf(copy), copy });
  } catch (cause) {
    return E.left(new SerializationError(objectType, [thrownFault(cause)], { cause }));
  }
}

/**
 * Objects as JSON text in UTF-8: the default serializer.
 *
 * Stores plain objects, arrays, strings, finite numbers, booleans, `null`, and objects with a `toJSON` (a `Date`) as what
 * that returns. A property that is `undefined` is omitted. Everything else is refused with every fault by its path: other
 * `undefined`s, functions, symbols, bigints, `NaN` and the infinities, instances of classes (a `Promise`, an `Error`, a
 * `Map`, a typed array), circular references.
 *
 * @example
 * openLmdbStore({ path: './events.lmdb', serializer: jsonSerializer() })
 */
export const jsonSerializer = (): Serializer =>
  withShortcuts(
    {
      encode: (object, objectType) => E.map(bytesAlone)(capture(object, objectType)),
      decode,
    },
    { isPlain: true, capture, decodeList },
  );
