import fc from 'fast-check';
import { type EventIterator, InvalidStateError } from 'rx-watcher';
import { expect } from 'vitest';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { compare } from './compare.ts';
import { AGE, type RealWatcher } from './real-watcher.ts';
import type { WatcherModel } from './watcher-model.ts';

/** What may be done to a watcher. */
export type WatcherCommand = fc.AsyncCommand<WatcherModel, RealWatcher>;

type Act = (model: WatcherModel, real: RealWatcher) => Promise<void> | void;

/** A command that may be done at any time: that which is not legal then is refused. */
const command = (name: string, data: unknown, act: Act): WatcherCommand => ({
  check: () => true,
  async run(model, real) {
    await act(model, real);
    await compare(model, real);
  },
  toString: () => `${name}(${data === undefined ? '' : fc.stringify(data)})`,
});

/** The model is told first: what the watcher does within the call is compared with what it then may. */
const orRefused = (isLegal: boolean, tell: () => void, act: () => void): void => {
  if (!isLegal) {
    expect(act).toThrow(InvalidStateError);
    return;
  }
  tell();
  act();
};

export const start = () =>
  command('start', undefined, (model, { watcher }) =>
    orRefused(
      !model.isLive,
      () => model.start(),
      () => watcher.start(),
    ),
  );

export const pause = () =>
  command('pause', undefined, (model, { watcher }) =>
    orRefused(
      model.mayPause,
      () => {
        model.state = 'paused';
      },
      () => watcher.pause(),
    ),
  );

export const resume = () =>
  command('resume', undefined, (model, { watcher }) =>
    orRefused(
      model.mayPause,
      () => {
        model.state = 'running';
      },
      () => watcher.resume(),
    ),
  );

/** A stop, or a seek to a target. */
export type Halt = 'stop' | { readonly to: EventIterator };

/** Stops and seeks, one called right behind the other. */
export const halts = (all: readonly Halt[]) =>
  command('halts', all, async (model, { watcher, clock }) => {
    const promises = all.map((halt) => {
      if (halt === 'stop') {
        model.stop();
        void watcher.stop({ timeout: Number.POSITIVE_INFINITY });
        return undefined;
      }
      const refusal = model.seek(halt.to);
      const sought = watcher.seek(halt.to);
      return refusal && expect(sought).rejects.toThrow(refusal);
    });
    model.rest();
    await nextTurn();
    // Where there is nothing to read, a place is found by a read that waits for no time at all.
    clock.advanceBy(0);
    await Promise.all(promises);
  });

export const stop = () => halts(['stop']);

export const seek = (to: EventIterator) => halts([{ to }]);

export const append = (keys: readonly string[]) =>
  command('append', keys, async (model, { store }) => {
    model.append(keys);
    await store.storeEvents(keys.map((objectType) => ({ operation: 'CREATE', objectType, object: null })));
  });

/** One of the attempts in flight, if there are any. */
const chosen = ({ inFlight }: WatcherModel, index: number): number | undefined =>
  [...inFlight][index % Math.max(1, inFlight.size)];

export const succeed = (index: number) =>
  command('succeed', index, (model, real) => {
    const seqNum = chosen(model, index);
    if (seqNum === undefined) return;
    const attempt = real.take(seqNum);
    model.succeed(seqNum);
    attempt.complete();
    model.rest();
  });

export const fail = (index: number) =>
  command('fail', index, (model, real) => {
    const seqNum = chosen(model, index);
    if (seqNum === undefined) return;
    const attempt = real.take(seqNum);
    model.fail(seqNum);
    attempt.error(new Error('no'));
    model.rest();
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
