import fc from 'fast-check';
import { type EventIterator, InvalidStateError } from 'rx-watcher';
import { expect } from 'vitest';
import { nextTurn } from '../../support/next-turn.ts';
import { compare } from './compare.ts';
import { AGE, type RealWatcher } from './real-watcher.ts';
import type { WatcherModel } from './watcher-model.ts';

/** Command for a watcher and its model. */
export type WatcherCommand = fc.AsyncCommand<WatcherModel, RealWatcher>;

type Act = (model: WatcherModel, real: RealWatcher) => Promise<void> | void;

/** Creates a command that fast-check can run in any state. If the state does not permit the call, `act` expects an error. */
const command = (name: string, data: unknown, act: Act): WatcherCommand => ({
  check: () => true,
  async run(model, real) {
    await act(model, real);
    await compare(model, real);
  },
  toString: () => `${name}(${data === undefined ? '' : fc.stringify(data)})`,
});

/**
 * Expects a call to throw unless it is legal. Before a legal call, updates the model, because deliveries within the call are
 * compared with the model.
 */
const expectLegality = (isLegal: boolean, updateModel: () => void, act: () => void): void => {
  if (!isLegal) {
    expect(act).toThrow(InvalidStateError);
    return;
  }
  updateModel();
  act();
};

export const start = () =>
  command('start', undefined, (model, { watcher }) =>
    expectLegality(
      !model.isLive,
      () => model.start(),
      () => watcher.start(),
    ),
  );

export const pause = () =>
  command('pause', undefined, (model, { watcher }) =>
    expectLegality(
      model.mayPause,
      () => {
        model.state = 'paused';
      },
      () => watcher.pause(),
    ),
  );

export const resume = () =>
  command('resume', undefined, (model, { watcher }) =>
    expectLegality(
      model.mayPause,
      () => {
        model.state = 'running';
      },
      () => watcher.resume(),
    ),
  );

/** Stop, or seek to a target. */
export type StopOrSeek = 'stop' | { readonly to: EventIterator };

/** Calls `stop` and `seek` in the given order, without waiting between the calls. */
export const stopsAndSeeks = (all: readonly StopOrSeek[]) =>
  command('stopsAndSeeks', all, async (model, { watcher, clock }) => {
    const promises = all.map((stopOrSeek) => {
      if (stopOrSeek === 'stop') {
        model.stop();
        void watcher.stop({ timeout: Number.POSITIVE_INFINITY });
        return undefined;
      }
      const expectedError = model.seek(stopOrSeek.to);
      const sought = watcher.seek(stopOrSeek.to);
      return expectedError && expect(sought).rejects.toThrow(expectedError);
    });
    model.settle();
    await nextTurn();
    // The read of the target position ends after a timer of 0 ms if it finds no event.
    clock.advanceBy(0);
    await Promise.all(promises);
  });

export const stop = () => stopsAndSeeks(['stop']);

export const seek = (to: EventIterator) => stopsAndSeeks([{ to }]);

export const append = (keys: readonly string[]) =>
  command('append', keys, async (model, { store }) => {
    model.append(keys);
    await store.storeEvents(keys.map((objectType) => ({ operation: 'CREATE', objectType, object: null })));
  });

/** Returns the sequence number of an attempt in flight; `undefined` if no attempt is in flight. */
const chosen = ({ inFlight }: WatcherModel, index: number): number | undefined =>
  [...inFlight][index % Math.max(1, inFlight.size)];

export const succeed = (index: number) =>
  command('succeed', index, (model, real) => {
    const seqNum = chosen(model, index);
    if (seqNum === undefined) return;
    const attempt = real.take(seqNum);
    model.succeed(seqNum);
    attempt.complete();
    model.settle();
  });

export const fail = (index: number) =>
  command('fail', index, (model, real) => {
    const seqNum = chosen(model, index);
    if (seqNum === undefined) return;
    const attempt = real.take(seqNum);
    model.fail(seqNum);
    attempt.error(new Error('no'));
    model.settle();
  });

export const advance = (milliseconds: number) =>
  command('advance', milliseconds, (model, { clock }) => {
    clock.advanceBy(milliseconds);
    model.now = clock.now();
  });

export const collectGarbage = () =>
  command('collectGarbage', undefined, async (model, { store }) => {
    expect(await store.collectGarbage()).toEqual(model.collectGarbage(AGE));
  });

export const crash = () =>
  command('crash', undefined, (model, real) => {
    model.crash();
    real.crash();
  });
