import * as E from 'fp-ts/lib/Either.js';
import { Packr } from 'msgpackr';
import { DeserializationError, SerializationError } from '../errors.ts';
import { show } from '../validation/show.ts';
import { type FormatRules, objectFaults } from './object-faults.ts';
import type { Serializer } from './serializer.ts';
import { thrownFault } from './thrown-fault.ts';

const isText = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const isPlain = (object: object): boolean => {
  const prototype = Object.getPrototypeOf(object);
  return Array.isArray(object) || prototype === null || prototype === Object.prototype;
};

/** What MessagePack has a form for as a whole. */
const isWhole = (object: object): boolean => object instanceof Date || object instanceof Uint8Array;

function loss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
    case 'function':
    case 'symbol':
      return `MessagePack has no ${typeof value}`;
    case 'bigint':
      return 'MessagePack has no bigint of any size; store it as a string';
    case 'string':
      return isText(value) ? undefined : 'MessagePack has no text that is not well-formed';
    case 'object':
      return value === null ? undefined : lossOfObject(value);
    default:
      return undefined;
  }
}

function lossOfObject(object: object): string | undefined {
  if (object instanceof Date) return Number.isNaN(object.getTime()) ? 'an invalid date' : undefined;
  if (isWhole(object)) return undefined;
  if (!isPlain(object)) return `MessagePack has no ${object.constructor?.name ?? 'such object'}`;
  return Object.getOwnPropertySymbols(object).length > 0
    ? 'MessagePack has no keys that are symbols'
    : undefined;
}

const lossOfKey = (key: string): string | undefined =>
  isText(key) && key !== '__proto__' ? undefined : `MessagePack does not keep the key ${show(key)}`;

const RULES: FormatRules = { loss, lossOfKey, standIn: (value) => value, isWhole };

/**
 * Objects as MessagePack: smaller than JSON, with `Date`, `Uint8Array`, `NaN` and the infinities kept as they are.
 *
 * What it would drop or change is refused with every fault by its path: `undefined`, functions, symbols, bigints,
 * instances of classes, circular references. Each object stands alone: no structures are shared between events, so
 * that any MessagePack reader can read one.
 *
 * @example
 * openLmdbStore({ path: './events.lmdb', serializer: messagePackSerializer() })
 */
export function messagePackSerializer(): Serializer {
  const packr = new Packr({ useRecords: false, copyBuffers: true });
  return {
    encode(object, objectType) {
      try {
        const faults = objectFaults(RULES, object);
        if (faults.length > 0) return E.left(new SerializationError(objectType, faults));
        return E.right(packr.pack(object));
      } catch (cause) {
        return E.left(new SerializationError(objectType, [thrownFault(cause)], { cause }));
      }
    },
    decode(bytes) {
      try {
        return E.right(packr.unpack(bytes));
      } catch (cause) {
        return E.left(new DeserializationError([thrownFault(cause)], { cause }));
      }
    },
  };
}
