import { AsyncLocalStorage } from 'node:async_hooks';
import { asyncScheduler, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import type { Step } from '../../src/scheduling/step.ts';

const user = new AsyncLocalStorage<string>();

/** Returns steps that together take several time slices. */
function slowSteps() {
  let left = 400;
  return (): Step<number> => {
    const end = performance.now() + 0.05;
    while (performance.now() < end);
    return left-- > 0 ? [left] : undefined;
  };
}

describe('a pull loop', () => {
  it('a pull loop runs its steps in the asynchronous context of its subscriber after each pause, even if several loops take turns', async () => {
    const contextsOf = (name: string) =>
      user.run(name, () => {
        const seen = new Set<unknown>();
        return new Promise((resolve, reject) => {
          pullLoop(slowSteps, asyncScheduler).subscribe({
            next: () => seen.add(user.getStore()),
            error: reject,
            complete: () => resolve([...seen.add(user.getStore())]),
          });
        });
      });

    expect(await Promise.all(['ann', 'bob'].map(contextsOf))).toEqual([['ann'], ['bob']]);
  });

  it('a pull loop emits asynchronous values and errors of a step in the asynchronous context of its subscriber', () => {
    const seen: unknown[] = [];
    const note = () => seen.push(user.getStore());
    const step = new Subject<number>();
    user.run('ann', () => {
      pullLoop(() => () => step, asyncScheduler).subscribe({ next: note, error: note });
    });

    user.run('bob', () => {
      step.next(1);
      step.error(new Error('no'));
    });

    expect(seen).toEqual(['ann', 'ann']);
  });
});
