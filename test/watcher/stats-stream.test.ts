import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { nextTurn } from '../flow/next-turn.ts';
import { managed } from './managed.ts';

describe('stats$', () => {
  it('begins with the present ones', async () => {
    const { watcher, byHand } = managed();
    expect(await firstValueFrom(watcher.stats$)).toEqual(watcher.stats());
    watcher.start();
    byHand.finish();
    expect(await firstValueFrom(watcher.stats$)).toMatchObject({ state: 'running', handled: 1 });
  });

  it('emits when something changes, for each who looks on', async () => {
    const { watcher, byHand } = managed();
    const seen: string[] = [];
    watcher.stats$.subscribe(({ state, handled, retries }) => {
      const shown = `${state} ${handled} ${retries}`;
      if (shown !== seen.at(-1)) seen.push(shown);
    });
    watcher.start();
    byHand.finish();
    byHand.fail(new Error('no'));
    await watcher.stop();
    expect(seen).toEqual([
      'idle 0 0',
      'running 0 0',
      'running 1 0',
      'running 1 1',
      'stopping 1 1',
      'stopped 1 1',
    ]);
  });

  it('shows a retry when it is decided on, and a checkpoint when it is stored', async () => {
    const { clock, watcher, byHand } = managed({ initialBackoff: 100 });
    const seen: string[] = [];
    watcher.stats$.subscribe(({ retries, lag }) => seen.push(`${retries} retries, lag ${lag}`));
    watcher.start();
    byHand.fail(new Error('no'));
    expect(seen.at(-1)).toBe('1 retries, lag 3');
    clock.advanceBy(100);
    byHand.finish();
    await nextTurn();
    expect(seen.at(-1)).toBe('1 retries, lag 2');
  });

  it('emits nothing while nothing changes', () => {
    const { clock, watcher, byHand } = managed();
    watcher.start();
    let emitted = 0;
    watcher.stats$.subscribe(() => emitted++);
    clock.advanceBy(100_000);
    expect(emitted).toBe(1);
    byHand.finish();
    expect(emitted).toBeGreaterThan(1);
  });
});
