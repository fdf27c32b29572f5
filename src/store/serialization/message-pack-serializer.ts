import { types } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { Packr } from 'msgpackr';
import { DeserializationError, SerializationError } from '../../errors.ts';
import { readBack, thrownFault } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { withShortcuts } from './serializer-shortcuts.ts';
import { checkedCopy, type FormatRules } from './unsupported-values.ts';

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Returns whether an object is a date or bytes. MessagePack has special formats for them. */
const isAtomic = (object: object): boolean => object instanceof Date || object instanceof Uint8Array;

/** Converts dates and bytes of another realm to the classes of this realm, because msgpackr recognizes only these. */
function substitute(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    if (Number.isNaN(time)) return INVALID_DATE;
    return value instanceof Date ? value : new Date(time);
  }
  return types.isUint8Array(value) && !(value instanceof Uint8Array) ? Uint8Array.from(value) : value;
}

const INVALID_DATE = Symbol('an invalid date');

function valueFault(value: unknown): string | undefined {
  switch (typeof value) {
    case 'symbol':
      return `MessagePack has no ${value === INVALID_DATE ? value.description : 'symbol'}`;
    case 'undefined':
    case 'function':
      return `MessagePack has no ${typeof value}`;
    case 'bigint':
      return 'bigint is not supported, because MessagePack limits its size; store it as a string';
    case 'string':
      return isWellFormed(value) ? undefined : 'MessagePack has no string with lone surrogates';
    default:
      return undefined;
  }
}

const keyFault = (key: string): string | undefined =>
  isWellFormed(key) && key !== '__proto__'
    ? undefined
    : `MessagePack has no key ${key === '__proto__' ? "'__proto__'" : 'with lone surrogates'}`;

const RULES: FormatRules = { format: 'MessagePack', valueFault, keyFault, substitute, isAtomic };

/**
 * Returns a serializer that stores objects as MessagePack. The payload is smaller than JSON, and `Date`, `Uint8Array`, `NaN`
 * and `Infinity` are supported.
 *
 * The serializer omits properties that are `undefined`. All other unsupported values cause a `SerializationError` that lists
 * each fault with its path. Examples are `undefined` in an array, functions, symbols, bigints, circular references, and
 * instances of other classes. Payloads share no structures, so every MessagePack decoder can read each payload.
 *
 * @see {@link jsonSerializer}
 * @example
 * openLmdbStore({ path: './events.lmdb', serializer: messagePackSerializer() })
 */
export function messagePackSerializer(): Serializer {
  const packr = new Packr({ useRecords: false, copyBuffers: true, variableMapSize: true });
  const encode = (object: unknown, objectType: string, maxBytes = Number.POSITIVE_INFINITY) => {
    try {
      const { copy, faults, ...options } = checkedCopy(RULES, object, maxBytes);
      if (faults.length > 0) return E.left(new SerializationError(objectType, faults, options));
      return E.right(packr.pack(copy));
    } catch (cause) {
      return E.left(new SerializationError(objectType, [thrownFault(cause)], { cause }));
    }
  };
  const decode = (bytes: Uint8Array) => {
    try {
      return E.right(packr.unpack(bytes));
    } catch {
      // The error of msgpackr is not stored as the cause, because it repeats the object, which can contain secrets.
      const message = `must be MessagePack of one value; received ${bytes.length} bytes of other data`;
      return E.left(new DeserializationError([{ path: 'object', message }]));
    }
  };
  return withShortcuts(
    { encode: (object, objectType) => encode(object, objectType), decode },
    { roundTrip: readBack(encode, decode) },
  );
}
