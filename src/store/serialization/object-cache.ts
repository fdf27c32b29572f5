import QuickLRU from 'quick-lru';

/** Decoded objects by the number of their event, which stands for one object for ever. */
export interface ObjectCache {
  /** The object of an event, if it is kept. */
  get(seqNum: number): unknown;
  /** Keeps the object of an event, if it can be; gives it back in any case. */
  keep(seqNum: number, object: unknown): unknown;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Levels that are looked into by recursion; one that nests more deeply may contain itself. */
const DEEPEST = 64;

/** Whether freezing an object, all the way down, makes it a constant: no dates, buffers or instances in it. */
function isFreezable(value: unknown, depth = 0): boolean {
  if (!isObject(value)) return true;
  if (depth > DEEPEST) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  return Object.values(value).every((inner) => isFreezable(inner, depth + 1));
}

const inside = (object: object): readonly unknown[] =>
  Array.isArray(object) ? object : Object.values(object);

/** What is inside comes first: V8 has no quick way to the values of what is frozen. */
function freeze(object: object, depth = 0): void {
  if (depth > DEEPEST) {
    freezeWithoutStack(object);
    return;
  }
  for (const inner of inside(object)) if (isObject(inner)) freeze(inner, depth + 1);
  Object.freeze(object);
}

/** Foreign JSON may be nested more deeply than the stack is. */
function freezeWithoutStack(object: object): void {
  const found = [object];
  for (const each of found) for (const inner of inside(each)) if (isObject(inner)) found.push(inner);
  for (const each of found) Object.freeze(each);
}

/**
 * Keeps the objects decoded last, so that watchers at the same place decode once.
 *
 * Several hands get the same object, so it is frozen; one that cannot be frozen through and through is not kept.
 *
 * @param size - How many; 0 keeps none, and then each reader gets an object of its own to do with as it likes.
 * @param isPlain - Whether all objects are known to be nothing but plain objects and arrays.
 */
export function createObjectCache(size: number, isPlain = false): ObjectCache {
  if (size === 0) return { get: () => undefined, keep: (_seqNum, object) => object };
  const kept = new QuickLRU<number, object>({ maxSize: size });
  return {
    get: (seqNum) => kept.get(seqNum),
    keep(seqNum, object) {
      if (isObject(object) && (isPlain || isFreezable(object))) {
        freeze(object);
        kept.set(seqNum, object);
      }
      return object;
    },
  };
}
