import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../support/next-turn.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

describe('the Observable stats$ of a watcher', () => {
  it('stats$ emits the current stats to a new subscriber', async () => {
    const { watcher, byHand } = managed();
    expect(await firstValueFrom(watcher.stats$)).toEqual(watcher.stats());
    watcher.start();
    byHand.finish();
    expect(await firstValueFrom(watcher.stats$)).toMatchObject({ state: 'running', handled: 1 });
  });

  it('stats$ emits immediately after a change of state, and at most every 100 ms after other changes', async () => {
    const { clock, watcher, byHand } = managed({ events: 2 });
    const seen: string[] = [];
    watcher.stats$.subscribe(({ state, handled, retries }) => {
      const line = `${state} ${handled} ${retries}`;
      if (line !== seen.at(-1)) seen.push(line);
    });
    watcher.start();
    byHand.finish();
    byHand.fail(new Error('no'));
    expect(seen).toEqual(['idle 0 0', 'running 0 0']);
    clock.advanceBy(99);
    expect(seen).toHaveLength(2);
    clock.advanceBy(1);
    expect(seen.at(-1)).toBe('running 1 0');
    clock.advanceBy(100);
    expect(seen.at(-1)).toBe('running 1 1');
    byHand.finish();
    await watcher.stop();
    expect(seen.slice(3)).toEqual(['running 1 1', 'stopping 2 1', 'stopped 2 1']);
  });

  it('stats$ emits after a retry and after a stored checkpoint', async () => {
    const { clock, watcher, byHand } = managed({ initialBackoff: 100 });
    const seen: string[] = [];
    watcher.stats$.subscribe(({ retries, lag }) => seen.push(`${retries} retries, lag ${lag}`));
    watcher.start();
    byHand.fail(new Error('no'));
    clock.advanceBy(200);
    expect(seen.at(-1)).toBe('1 retries, lag 3');
    byHand.finish();
    await nextTurn();
    clock.advanceBy(100);
    expect(seen.at(-1)).toBe('1 retries, lag 2');
  });

  it('stats$ does not emit while the figures are unchanged', () => {
    const { clock, watcher, byHand } = started();
    let emitted = 0;
    watcher.stats$.subscribe(() => emitted++);
    clock.advanceBy(100_000);
    expect(emitted).toBe(1);
    byHand.finish();
    expect(emitted).toBe(2);
  });
});
