import { setImmediate } from './real-timers.ts';

let turn = 0;
let marked = false;

/** Tells one turn of the event loop from another: the number stays the same through any chain of microtasks. */
export function currentTurn(): number {
  if (!marked) {
    marked = true;
    setImmediate(() => {
      marked = false;
      turn++;
    });
  }
  return turn;
}
