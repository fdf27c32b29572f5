import { Subscription } from 'rxjs';
import { clearInterval, setInterval } from '../scheduling/clock.ts';

/** Maximum delay of a Node.js timer, in milliseconds. */
const MAX_TIMER_DELAY = 2 ** 31 - 1;

/** Timer that keeps the process alive while at least one subscription holds it. */
export interface KeepAlive {
  /** Keeps the process alive until the returned subscription is unsubscribed or `end` is called. */
  hold(): Subscription;
  /** Stops the timer permanently. Later calls of `hold` have no effect. */
  end(): void;
}

/** Creates a keep-alive without holders, which does not keep the process alive yet. */
export function createKeepAlive(): KeepAlive {
  let holders = 0;
  let hasEnded = false;
  let timer: NodeJS.Timeout | undefined;
  const setTimer = () => {
    clearInterval(timer);
    timer = holders > 0 && !hasEnded ? setInterval(() => undefined, MAX_TIMER_DELAY) : undefined;
  };
  return {
    hold() {
      if (++holders === 1) setTimer();
      return new Subscription(() => {
        if (--holders === 0) setTimer();
      });
    },
    end() {
      hasEnded = true;
      setTimer();
    },
  };
}
