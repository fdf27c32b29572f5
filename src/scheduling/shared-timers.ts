import type { SchedulerLike, Subscription } from 'rxjs';
import { clockOf } from './clock.ts';

type Expire = () => void;

/** Calls back after a time, as a timer does, but with one timer for all who wait equally long. */
export interface SharedTimers {
  /** Calls `expire` after `delay` milliseconds; the function returned prevents it, and is to be called in any case. */
  after(delay: number, expire: Expire): () => void;
}

/** Everybody here waits equally long, so that the first to come is the first to go. */
function createQueue(delay: number, scheduler: SchedulerLike) {
  const clock = clockOf(scheduler);
  const due = new Map<Expire, number>();
  let timer: Subscription | undefined;

  const arm = () => {
    const [first] = due.values();
    if (timer === undefined && first !== undefined) {
      timer = scheduler.schedule(() => fire(first), Math.max(0, first - clock()));
    }
  };
  /** The timer is trusted, even if it is a little early by the clock. */
  const fire = (armedFor: number) => {
    timer = undefined;
    const now = Math.max(armedFor, clock());
    // A copy: who waits again from inside `expire`, be it for no time at all, waits for the next turn.
    for (const [expire, time] of [...due]) {
      if (time > now) break;
      if (due.delete(expire)) expire();
    }
    arm();
  };
  return {
    due,
    add(expire: Expire) {
      due.set(expire, clock() + delay);
      arm();
    },
    remove(expire: Expire) {
      due.delete(expire);
      if (due.size === 0) {
        timer?.unsubscribe();
        timer = undefined;
      }
    },
  };
}

/** Deadlines on one scheduler. Nothing is scheduled while nobody waits. */
export function createSharedTimers(scheduler: SchedulerLike): SharedTimers {
  const queues = new Map<number, ReturnType<typeof createQueue>>();
  return {
    after(delay, expire) {
      const queue = queues.get(delay) ?? createQueue(delay, scheduler);
      queues.set(delay, queue);
      const mine = () => expire();
      queue.add(mine);
      return () => {
        queue.remove(mine);
        if (queue.due.size === 0 && queues.get(delay) === queue) queues.delete(delay);
      };
    },
  };
}
