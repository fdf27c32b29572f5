import { Subscription } from 'rxjs';
import { clearInterval, setInterval } from '../scheduling/clock.ts';

/** Longest delay of a timer of Node's, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** Keeps the process alive, by one timer, while anything holds it. */
export interface KeepAlive {
  /** Keeps the process alive until the returned subscription is unsubscribed. */
  hold(): Subscription;
  /** Keeps the process alive no longer, whatever holds it now or later. */
  end(): void;
}

/** Creates a `KeepAlive` that nothing holds. */
export function createKeepAlive(): KeepAlive {
  let holders = 0;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const setTimer = () => {
    clearInterval(timer);
    timer = holders > 0 && !isOver ? setInterval(() => undefined, LONGEST) : undefined;
  };
  return {
    hold() {
      if (++holders === 1) setTimer();
      return new Subscription(() => {
        if (--holders === 0) setTimer();
      });
    },
    end() {
      isOver = true;
      setTimer();
    },
  };
}
