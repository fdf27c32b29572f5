/**
 * Tells whether an object is a plain one, of any realm: without a prototype, or with one that has none itself, as
 * `Object.prototype` of another realm.
 */
export function isPlainObject(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** Returns the name of an object's class, for messages; `'such object'` if it cannot be told. */
export function classNameOf(object: object): string {
  try {
    const name: unknown = object.constructor?.name;
    if (typeof name === 'string' && name !== '' && name !== 'Object') return name;
    return Object.prototype.toString.call(object).slice('[object '.length, -1);
  } catch {
    return 'such object';
  }
}
