import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';

setFlagsFromString('--allow-natives-syntax');

const haveOneShape: (one: object, other: object) => boolean = runInThisContext(
  '(one, other) => %HaveSameMap(one, other)',
);

/** So many are made until V8 has seen enough to do it in the way it will. */
const MANY = 50;

/** Whether what is made by one piece of code has one shape in V8, so that it need not look up by name what is in it. */
export function isOfOneShape(make: () => object): boolean {
  const made = Array.from({ length: MANY }, make);
  return haveOneShape(made.at(-2) as object, made.at(-1) as object);
}
