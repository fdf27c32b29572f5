import QuickLRU from 'quick-lru';

/** Decoded, frozen objects by sequence number, shared by all readers. */
export interface ObjectCache {
  /** Returns the object of an event, or `undefined` if it is not cached. */
  get(seqNum: number): unknown;
  /** Freezes and caches the object of an event, if freezing makes it immutable. Returns the object. */
  put(seqNum: number, object: unknown): unknown;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Maximum depth of a recursion. An object that nests more deeply can be circular. */
const MAX_DEPTH = 64;

/** Returns whether freezing makes a value immutable: it contains only plain objects and arrays, no dates or buffers. */
function isFreezable(value: unknown, depth = 0): boolean {
  if (!isObject(value)) return true;
  if (depth > MAX_DEPTH) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  return Object.values(value).every((inner) => isFreezable(inner, depth + 1));
}

const valuesOf = (object: object): readonly unknown[] =>
  Array.isArray(object) ? object : Object.values(object);

/** Freezes inner objects first: V8 reads the values of a frozen object slowly. */
function freeze(object: object, depth = 0): void {
  if (depth > MAX_DEPTH) {
    freezeIteratively(object);
    return;
  }
  for (const inner of valuesOf(object)) if (isObject(inner)) freeze(inner, depth + 1);
  Object.freeze(object);
}

/** Freezes without recursion: JSON can nest more deeply than the call stack allows. */
function freezeIteratively(object: object): void {
  const objects = [object];
  for (const each of objects) for (const inner of valuesOf(each)) if (isObject(inner)) objects.push(inner);
  for (const each of objects) Object.freeze(each);
}

/**
 * Creates an empty cache of the objects that were used last, so that several readers decode an object only once.
 *
 * Readers share a cached object, so it must be immutable. An object that cannot be made immutable is not cached.
 *
 * @param size - Minimum number of cached objects; the cache holds up to twice as many. With 0 nothing is cached or frozen,
 *   and each reader gets its own object.
 * @param isPlain - Whether all objects consist only of plain objects and arrays, so that they need no check.
 */
export function createObjectCache(size: number, isPlain = false): ObjectCache {
  if (size === 0) return { get: () => undefined, put: (_seqNum, object) => object };
  const objects = new QuickLRU<number, object>({ maxSize: size });
  return {
    get: (seqNum) => objects.get(seqNum),
    put(seqNum, object) {
      if (isObject(object) && (isPlain || isFreezable(object))) {
        freeze(object);
        objects.set(seqNum, object);
      }
      return object;
    },
  };
}
