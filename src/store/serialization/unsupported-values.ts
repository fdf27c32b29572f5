import type { Fault } from '../../errors.ts';
import { MOST_FAULTS } from '../../validation/check.ts';

/**
 * Tells whether an object is a plain one, of any realm: without a prototype, or with one that has none itself, as
 * `Object.prototype` of another realm.
 */
function isPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Returns the name of an object's class, for messages; `'such object'` if it cannot be told. */
function classNameOf(object: object): string {
  try {
    const name: unknown = object.constructor?.name;
    if (typeof name === 'string' && name !== '' && name !== 'Object') return name;
    return Object.prototype.toString.call(object).slice('[object '.length, -1);
  } catch {
    return 'such object';
  }
}

/** Sets a property as a literal would: `__proto__` becomes a key like any other. */
function dataProperty(object: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}

/** Rules of a format: which values it holds, and in which form. */
export interface FormatRules {
  /** Name of the format, for messages. */
  readonly format: string;
  /** Returns why the format would drop or change a value that is not an object; `undefined` if it holds the value. */
  loss(value: unknown): string | undefined;
  /** Returns the value that is stored in place of another. Called once per value. */
  standIn(value: unknown, key: string): unknown;
  /** Returns why the format would change a key; `undefined` if it holds the key. */
  lossOfKey(key: string): string | undefined;
  /** Tells whether an object is a single value of the format, which is not looked into. */
  isWhole(value: object): boolean;
}

/** Copy of an object as a format holds it. */
export interface CheckedCopy {
  /** The copy; meaningless if there are faults. */
  readonly copy: unknown;
  /** Parts of the object that the format cannot hold, by path from `object`; at most 100. */
  readonly faults: readonly Fault[];
  /** Error of which a fault was made. */
  readonly cause?: unknown;
}

/** Thrown to leave a walk that can end early. */
class Enough {}

class Walk {
  readonly faults: Fault[] = [];
  readonly #rules: FormatRules;
  readonly #maxBytes: number;
  /** Objects that contain the current value. */
  readonly #above = new Set<object>();
  #room: number;

  constructor(rules: FormatRules, maxBytes: number) {
    this.#rules = rules;
    this.#maxBytes = maxBytes;
    this.#room = maxBytes;
  }

  copyOf(value: unknown, key: string, path: string): unknown {
    const seen = this.#rules.standIn(value, key);
    this.#spend(typeof seen === 'string' ? seen.length : 1);
    if (typeof seen !== 'object' || seen === null) return this.#refuse(path, this.#rules.loss(seen)) ?? seen;
    if (this.#rules.isWhole(seen)) {
      if (ArrayBuffer.isView(seen)) this.#spend(seen.byteLength);
      return seen;
    }
    if (this.#above.has(seen)) return this.#refuse(path, 'contains itself');
    this.#above.add(seen);
    const copy = Array.isArray(seen) ? this.#copyOfArray(seen, path) : this.#copyOfObject(seen, path);
    this.#above.delete(seen);
    return copy;
  }

  /** By index, which includes the holes. */
  #copyOfArray(items: readonly unknown[], path: string): unknown {
    const copy: unknown[] = [];
    const { length } = items;
    this.#spend(length);
    for (let index = 0; index < length; index++) {
      copy.push(this.copyOf(items[index], String(index), `${path}.${index}`));
    }
    return copy;
  }

  #copyOfObject(object: object, path: string): unknown {
    const { format } = this.#rules;
    if (!isPlainObject(object)) return this.#refuse(path, `${format} has no ${classNameOf(object)}`);
    if (Object.getOwnPropertySymbols(object).length > 0) {
      return this.#refuse(path, `${format} has no keys that are symbols`);
    }
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(object)) {
      const value = (object as Readonly<Record<string, unknown>>)[key];
      if (value === undefined) continue;
      this.#spend(key.length);
      this.#refuse(path, this.#rules.lossOfKey(key));
      dataProperty(copy, key, this.copyOf(value, key, `${path}.${key}`));
    }
    return copy;
  }

  #refuse(path: string, message: string | undefined): undefined {
    if (message === undefined) return;
    this.faults.push({ path, message });
    if (this.faults.length === MOST_FAULTS) throw new Enough();
  }

  /** Counts what a part takes in any format, at least. */
  #spend(bytes: number): void {
    this.#room -= bytes;
    if (this.#room >= 0) return;
    const message = `takes more than ${this.#maxBytes} bytes (maxEventBytes)`;
    this.faults.splice(0, Number.POSITIVE_INFINITY, { path: 'object', message });
    throw new Enough();
  }
}

/**
 * Copies an object as a format holds it: what is checked and what is stored are the same values, each read once.
 *
 * A property that is `undefined` is omitted of the copy, as JSON does it.
 *
 * @param maxBytes - Maximum size of the object, in bytes; the walk ends where that is certainly exceeded.
 */
export function checkedCopy(rules: FormatRules, object: unknown, maxBytes: number): CheckedCopy {
  const walk = new Walk(rules, maxBytes);
  try {
    return { copy: walk.copyOf(object, '', 'object'), faults: walk.faults };
  } catch (error) {
    if (error instanceof Enough) return { copy: undefined, faults: walk.faults };
    if (!(error instanceof RangeError)) throw error;
    return { copy: undefined, faults: [{ path: 'object', message: 'is nested too deeply' }], cause: error };
  }
}
