import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { nextTurn } from '../../support/next-turn.ts';
import type { RealWatcher } from './real-watcher.ts';
import type { WatcherModel } from './watcher-model.ts';

/** Compares the watcher with the model after all pending Promises have settled. */
export async function compare(model: WatcherModel, real: RealWatcher): Promise<void> {
  await nextTurn();
  expect(real.violations).toEqual([]);
  expect({
    state: real.watcher.stats().state,
    checkpoint: await firstValueFrom(real.store.getCheckpoint('w')),
    inFlight: new Set(real.attempts.keys()),
    attempts: real.attempts.size,
    isCaughtUp: real.isCaughtUp,
  }).toEqual({
    state: model.state,
    checkpoint: model.checkpoint,
    inFlight: model.inFlight,
    attempts: model.due,
    isCaughtUp: model.isCaughtUp,
  });
}
