import QuickLRU from 'quick-lru';

/** Decoded objects by the number of their event, which stands for one object for ever. */
export interface ObjectCache {
  /** The object of an event: the one that is kept, or the one that `decode` makes. */
  of(seqNum: number, decode: () => unknown): unknown;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Deeper than this an object may contain itself: it is not looked into any further. */
const DEEPEST = 64;

/** Whether freezing an object, all the way down, makes it a constant: no dates, buffers or instances in it. */
function isFreezable(value: unknown, depth = 0): boolean {
  if (!isObject(value)) return true;
  if (depth > DEEPEST) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  return Object.values(value).every((inner) => isFreezable(inner, depth + 1));
}

function freeze(value: unknown): void {
  if (!isObject(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

/**
 * Keeps the objects decoded last, so that watchers at the same place decode once.
 *
 * Several hands get the same object, so it is frozen; one that cannot be frozen through and through is not kept.
 *
 * @param size - How many; 0 keeps none, and then each reader gets an object of its own to do with as it likes.
 */
export function createObjectCache(size: number): ObjectCache {
  if (size === 0) return { of: (_seqNum, decode) => decode() };
  const kept = new QuickLRU<number, unknown>({ maxSize: size });
  return {
    of(seqNum, decode) {
      const known = kept.get(seqNum);
      if (known !== undefined) return known;
      const object = decode();
      if (isObject(object) && isFreezable(object)) {
        freeze(object);
        kept.set(seqNum, object);
      }
      return object;
    },
  };
}
