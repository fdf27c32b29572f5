import type { SchedulerLike, Subscription } from 'rxjs';
import { clockOf } from './clock.ts';

type Expire = () => void;

/** Timer for many deadlines: all deadlines with the same delay share one timer of the scheduler. */
export interface SharedTimers {
  /**
   * Calls `expire` after `delay` milliseconds. The returned function cancels that call. The returned function must be called
   * even after `expire`, because it also frees the memory of the timer.
   */
  after(delay: number, expire: Expire): () => void;
}

/** Creates a queue of deadlines with the same delay, which expire in the order in which they are added. */
function createQueue(delay: number, scheduler: SchedulerLike) {
  const clock = clockOf(scheduler);
  const deadlines = new Map<Expire, number>();
  let timer: Subscription | undefined;

  const arm = () => {
    const [first] = deadlines.values();
    if (timer === undefined && first !== undefined) {
      timer = scheduler.schedule(() => fire(first), Math.max(0, first - clock()));
    }
  };
  /**
   * Expires the deadlines that are due. The deadline of the timer counts as due even if the timer fires slightly early by
   * the clock.
   */
  const fire = (armedFor: number) => {
    timer = undefined;
    const now = Math.max(armedFor, clock());
    // Iterate over a copy, so that a deadline that `expire` adds waits for the next turn, even with a delay of 0.
    for (const [expire, time] of [...deadlines]) {
      if (time > now) break;
      if (deadlines.delete(expire)) expire();
    }
    arm();
  };
  return {
    deadlines,
    add(expire: Expire) {
      deadlines.set(expire, clock() + delay);
      arm();
    },
    remove(expire: Expire) {
      deadlines.delete(expire);
      if (deadlines.size === 0) {
        timer?.unsubscribe();
        timer = undefined;
      }
    },
  };
}

/** Creates shared timers on a scheduler. Without deadlines, no timer is scheduled. */
export function createSharedTimers(scheduler: SchedulerLike): SharedTimers {
  const queues = new Map<number, ReturnType<typeof createQueue>>();
  return {
    after(delay, expire) {
      const queue = queues.get(delay) ?? createQueue(delay, scheduler);
      queues.set(delay, queue);
      const entry = () => expire();
      queue.add(entry);
      return () => {
        queue.remove(entry);
        if (queue.deadlines.size === 0 && queues.get(delay) === queue) queues.delete(delay);
      };
    },
  };
}
