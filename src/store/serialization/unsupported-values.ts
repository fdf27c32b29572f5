import type { Fault } from '../../errors.ts';
import { MOST_FAULTS } from '../../validation/check.ts';

/**
 * Returns whether an object is a plain object of any realm. Its prototype is then `null`, or an object without a prototype,
 * like the `Object.prototype` of another realm.
 */
function isPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Returns the class name of an object, for the message `JSON has no NAME`; `'such object'` if the class is not known. */
function classNameOf(object: object): string {
  try {
    const name: unknown = object.constructor?.name;
    if (typeof name === 'string' && name !== '' && name !== 'Object') return name;
    return Object.prototype.toString.call(object).slice('[object '.length, -1);
  } catch {
    return 'such object';
  }
}

/** Sets an own property. The key `__proto__` does not set the prototype, but becomes an own property like any other key. */
function dataProperty(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}

/** Rules of a format: which values it supports, and how it stores them. */
export interface FormatRules {
  /** Name of the format, for messages. */
  readonly format: string;
  /** Returns the message of a fault if the format does not support a value that is not an object. */
  valueFault(value: unknown): string | undefined;
  /** Returns the value that is stored for a given value, for example the result of `toJSON`. Called once per value. */
  substitute(value: unknown, key: string): unknown;
  /** Returns the message of a fault if the format does not support a key. */
  keyFault(key: string): string | undefined;
  /** Returns whether the format stores an object as a single value, without its properties: for example, a date. */
  isAtomic(value: object): boolean;
}

/**
 * Copy of an object as a format stores it, and the faults of the object. For example, a copy for JSON has a string in place
 * of a `Date`.
 */
export interface CheckedCopy {
  /** The copy; meaningless if there are faults. */
  readonly copy: unknown;
  /** Faults of unsupported parts, with paths from `object`; at most 100. */
  readonly faults: readonly Fault[];
  /** Error that caused a fault, for example a `RangeError` if the object is nested too deeply. */
  readonly cause?: unknown;
}

/** Thrown inside a copy to end it early. */
class CopyAborted {}

class ObjectCopier {
  readonly faults: Fault[] = [];
  readonly #rules: FormatRules;
  readonly #maxBytes: number;
  /** Objects that contain the current value, to detect circular references. */
  readonly #ancestors = new Set<object>();
  #remainingBytes: number;

  constructor(rules: FormatRules, maxBytes: number) {
    this.#rules = rules;
    this.#maxBytes = maxBytes;
    this.#remainingBytes = maxBytes;
  }

  copyOf(value: unknown, key: string, path: string): unknown {
    const stored = this.#rules.substitute(value, key);
    this.#count(typeof stored === 'string' ? stored.length : 1);
    if (typeof stored !== 'object' || stored === null) {
      return this.#addFault(path, this.#rules.valueFault(stored)) ?? stored;
    }
    if (this.#rules.isAtomic(stored)) {
      if (ArrayBuffer.isView(stored)) this.#count(stored.byteLength);
      return stored;
    }
    if (this.#ancestors.has(stored)) return this.#addFault(path, 'contains itself');
    this.#ancestors.add(stored);
    const copy = Array.isArray(stored) ? this.#copyOfArray(stored, path) : this.#copyOfObject(stored, path);
    this.#ancestors.delete(stored);
    return copy;
  }

  /** Copies an array. Iterates by index to include the holes of a sparse array, which `map` would skip. */
  #copyOfArray(items: readonly unknown[], path: string): unknown {
    const copy: unknown[] = [];
    const { length } = items;
    this.#count(length);
    for (let index = 0; index < length; index++) {
      copy.push(this.copyOf(items[index], String(index), `${path}.${index}`));
    }
    return copy;
  }

  #copyOfObject(object: object, path: string): unknown {
    const { format } = this.#rules;
    if (!isPlainObject(object)) return this.#addFault(path, `${format} has no ${classNameOf(object)}`);
    if (Object.getOwnPropertySymbols(object).length > 0) {
      return this.#addFault(path, `${format} has no keys that are symbols`);
    }
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      const value = (object as Readonly<Record<string, unknown>>)[key];
      if (value === undefined) continue;
      this.#count(key.length);
      this.#addFault(path, this.#rules.keyFault(key));
      dataProperty(copy, key, this.copyOf(value, key, `${path}.${key}`));
    }
    return copy;
  }

  #addFault(path: string, message: string | undefined): undefined {
    if (message === undefined) return;
    this.faults.push({ path, message });
    if (this.faults.length === MOST_FAULTS) throw new CopyAborted();
  }

  /** Counts the minimum number of bytes of a part in any format. Ends the copy if the sum exceeds the maximum. */
  #count(bytes: number): void {
    this.#remainingBytes -= bytes;
    if (this.#remainingBytes >= 0) return;
    const message = `must be at most ${this.#maxBytes} bytes (maxEventBytes); received more`;
    this.faults.splice(0, Number.POSITIVE_INFINITY, { path: 'object', message });
    throw new CopyAborted();
  }
}

/**
 * Returns a copy of an object as a format stores it, and the faults of the object. Each value is read once, so that the
 * checked values are the stored ones. Omits properties that are `undefined`, as JSON does.
 *
 * @param maxBytes - Maximum size of the object, in bytes. The copy ends early if the size is certainly larger.
 */
export function checkedCopy(rules: FormatRules, object: unknown, maxBytes: number): CheckedCopy {
  const copier = new ObjectCopier(rules, maxBytes);
  try {
    return { copy: copier.copyOf(object, '', 'object'), faults: copier.faults };
  } catch (error) {
    if (error instanceof CopyAborted) return { copy: undefined, faults: copier.faults };
    if (!(error instanceof RangeError)) throw error;
    return { copy: undefined, faults: [{ path: 'object', message: 'is nested too deeply' }], cause: error };
  }
}
