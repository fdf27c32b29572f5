import { types } from 'node:util';
import * as E from 'fp-ts/lib/Either.js';
import { Packr } from 'msgpackr';
import { DeserializationError, SerializationError } from '../../errors.ts';
import { readBack, thrownFault } from './read-back.ts';
import type { Serializer } from './serializer.ts';
import { withShortcuts } from './serializer-shortcuts.ts';
import { checkedCopy, type FormatRules } from './unsupported-values.ts';

const isText = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Objects that MessagePack has a form of its own for. */
const isWhole = (object: object): boolean => object instanceof Date || object instanceof Uint8Array;

/** Dates and bytes of other realms become those of this one, which are all that msgpackr knows. */
function standIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    if (Number.isNaN(time)) return INVALID_DATE;
    return value instanceof Date ? value : new Date(time);
  }
  return types.isUint8Array(value) && !(value instanceof Uint8Array) ? Uint8Array.from(value) : value;
}

const INVALID_DATE = Symbol('an invalid date');

function loss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'symbol':
      return `MessagePack has no ${value === INVALID_DATE ? value.description : 'symbol'}`;
    case 'undefined':
    case 'function':
      return `MessagePack has no ${typeof value}`;
    case 'bigint':
      return 'MessagePack has no bigint of any size; store it as a string';
    case 'string':
      return isText(value) ? undefined : 'MessagePack has no text that is not well-formed';
    default:
      return undefined;
  }
}

const lossOfKey = (key: string): string | undefined =>
  isText(key) && key !== '__proto__'
    ? undefined
    : `MessagePack does not keep ${key === '__proto__' ? "the key '__proto__'" : 'a key that is not well-formed'}`;

const RULES: FormatRules = { format: 'MessagePack', loss, lossOfKey, standIn, isWhole };

/**
 * Objects as MessagePack: smaller than JSON, with `Date`, `Uint8Array`, `NaN` and the infinities kept as they are.
 *
 * A property that is `undefined` is omitted. What the format would drop or change is refused with every fault by its
 * path: other `undefined`s, functions, symbols, bigints, instances of other classes, circular references. Each object
 * stands alone: no structures are shared between events, so that any MessagePack reader can read one.
 *
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
      // The error of msgpackr repeats the object, which may hold what must not be in a log: it is not kept as the cause.
      const message = `is not MessagePack of one value; it takes ${bytes.length} bytes`;
      return E.left(new DeserializationError([{ path: 'object', message }]));
    }
  };
  return withShortcuts(
    { encode: (object, objectType) => encode(object, objectType), decode },
    { capture: readBack(encode, decode) },
  );
}
