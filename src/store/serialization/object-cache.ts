/** Decoded, frozen objects by sequence number, shared by all readers. */
export interface ObjectCache {
  /** Returns the object of an event, or `undefined` if it is not cached. */
  get(seqNum: number): unknown;
  /** Freezes and caches the object of an event, if freezing makes it immutable. Returns the object. */
  put(seqNum: number, object: unknown): unknown;
  /** Freezes and caches like `put` if several readers are at about the position of the event. Returns the object. */
  putIfShared(seqNum: number, object: unknown): unknown;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Maximum depth of a recursion. A deeper object could be circular, or could overflow the stack. */
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

/** Freezes an object after its inner objects, because V8 would read the values of a frozen object slowly. */
function freeze(object: object, depth = 0): void {
  if (depth > MAX_DEPTH) {
    freezeIteratively(object);
    return;
  }
  for (const inner of valuesOf(object)) if (isObject(inner)) freeze(inner, depth + 1);
  Object.freeze(object);
}

/** Freezes an object without recursion, because JSON can nest more deeply than the call stack permits. */
function freezeIteratively(object: object): void {
  const objects = [object];
  for (const each of objects) for (const inner of valuesOf(each)) if (isObject(inner)) objects.push(inner);
  for (const each of objects) Object.freeze(each);
}

/** Detector of events that several readers read within a short time. */
interface SharedReads {
  /** Called if a reader has found an event in the cache. */
  onHit(seqNum: number): void;
  /** Called if a reader has decoded an event. Returns whether other readers are at about the same position. */
  onMiss(seqNum: number): boolean;
}

/**
 * Creates a detector of shared reads. If an event is read twice while about `size` other events are read, there is a second
 * reader. From then on, the next `size` events count as shared, so that the first reader of each of these events caches its
 * object.
 *
 * The detector contains only numbers. For a single reader, it costs one comparison per event and no allocation.
 */
function createSharedReads(size: number): SharedReads {
  const lastReads: number[] = [];
  let shared = Number.NEGATIVE_INFINITY;
  const onHit = (seqNum: number): void => {
    shared = seqNum;
  };
  return {
    onHit,
    onMiss(seqNum) {
      const slot = seqNum % size;
      if (lastReads[slot] === seqNum) onHit(seqNum);
      lastReads[slot] = seqNum;
      return Math.abs(seqNum - shared) <= size;
    },
  };
}

/**
 * Creates an empty cache of decoded objects, so that several readers at about the same position decode an object only once.
 * A reader that is alone at its position does not change the cache, and its objects are not frozen.
 *
 * Readers share a cached object, so it must be immutable. An object that cannot be made immutable is not cached.
 *
 * @param size - Maximum number of cached objects. Events with the same remainder of `seqNum / size` replace each other in
 *   the cache. With 0, nothing is cached or frozen, and each reader gets a separate object.
 * @param isPlain - Whether all objects consist only of plain objects and arrays, so that they need no check.
 */
export function createObjectCache(size: number, isPlain = false): ObjectCache {
  const unchanged = (_seqNum: number, object: unknown): unknown => object;
  if (size === 0) return { get: () => undefined, put: unchanged, putIfShared: unchanged };
  // The cache uses arrays, because a replay with ten readers would spend a tenth of its time in the bookkeeping of a `Map`.
  const seqNums: number[] = [];
  const objects: object[] = [];
  const reads = createSharedReads(size);
  const put = (seqNum: number, object: unknown): unknown => {
    if (isObject(object) && (isPlain || isFreezable(object))) {
      freeze(object);
      seqNums[seqNum % size] = seqNum;
      objects[seqNum % size] = object;
    }
    return object;
  };
  return {
    get(seqNum) {
      const slot = seqNum % size;
      if (seqNums[slot] !== seqNum) return undefined;
      reads.onHit(seqNum);
      return objects[slot];
    },
    put,
    putIfShared: (seqNum, object) => (reads.onMiss(seqNum) ? put(seqNum, object) : object),
  };
}
