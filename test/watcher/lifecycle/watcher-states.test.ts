import { EMPTY, map, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  HandlerExistsError,
  InvalidOptionsError,
  InvalidStateError,
  NoHandlerError,
} from '../../../src/errors.ts';
import { managed, started, statsIn } from '../../support/watcher/managed-watcher.ts';

const handler = () => EMPTY;

describe('a watcher', () => {
  it('a watcher enters the states running, stopping and stopped, and can then be started again', async () => {
    const { byHand, watcher } = managed();
    const states: string[] = [];
    watcher.stats$.pipe(map(({ state }) => state)).subscribe((state) => {
      if (state !== states.at(-1)) states.push(state);
    });
    watcher.start();
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    watcher.start();
    expect(states).toEqual(['idle', 'running', 'stopping', 'stopped', 'running']);
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('a watcher enters the states running and failed, and can then be started again', async () => {
    const { store, watcher } = managed({ handler });
    await store.storeCheckpoint('w', 9);
    watcher.start();
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { code: 'ERR_CHECKPOINT' } });
    await store.deleteCheckpoint('w');
    watcher.start();
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 3 });
  });

  it('a watcher stays in state running while its handler fails', () => {
    const { watcher } = started({ handler: () => throwError(() => new Error('no')) });
    expect(watcher.stats()).toMatchObject({ state: 'running', lastError: { code: 'ERR_EVENT_HANDLING' } });
  });

  it('a watcher enters state stopped when the store closes', async () => {
    const { store, watcher } = started({ handler });
    await store.close();
    expect((await statsIn(watcher, 'stopped')).lastError).toBeUndefined();
  });

  it('a watcher enters state stopped at its start if the store is closed', async () => {
    const { store, watcher } = managed({ handler });
    await store.close();
    watcher.start();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0 });
  });

  it('a watcher enters state stopped when the store closes during a backoff', async () => {
    const { clock, store, watcher } = started({ handler: () => throwError(() => new Error('no')) });
    expect(clock.timers).toBe(1);
    await store.close();
    await statsIn(watcher, 'stopped');
    expect(clock.timers).toBe(0);
  });

  it('a watcher stays in state idle if start is called without a handler', () => {
    const { watcher } = managed({ handler: undefined });
    expect(() => watcher.start()).toThrow(NoHandlerError);
    expect(watcher.stats().state).toBe('idle');
  });

  it('a watcher rejects a second call of setHandler', () => {
    const { watcher } = managed({ handler: undefined });
    watcher.setHandler(handler);
    expect(() => watcher.setHandler(handler)).toThrow(HandlerExistsError);
    watcher.start();
    expect(watcher.stats().handled).toBe(3);
  });

  it.each([undefined, null, 'handler', {}])(
    'a watcher rejects a call of setHandler with a value that is not a function: %j',
    (wrong) => {
      const { watcher } = managed({ handler: undefined });
      expect(() => watcher.setHandler(wrong as unknown as typeof handler)).toThrow(InvalidOptionsError);
      watcher.setHandler(handler);
    },
  );

  it('a watcher that was created with a handler rejects a call of setHandler', () => {
    const { watcher } = managed({ handler });
    expect(() => watcher.setHandler(handler)).toThrow(HandlerExistsError);
  });

  it('a watcher rejects a call of start in state running', () => {
    const { byHand, watcher } = started();
    expect(() => watcher.start()).toThrow(InvalidStateError);
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a watcher rejects a call of start in state stopping', async () => {
    const { byHand, watcher } = started();
    const stopped = watcher.stop();
    expect(() => watcher.start()).toThrow(InvalidStateError);
    byHand.finish();
    await stopped;
    expect(byHand.seqNums).toEqual([1]);
  });

  it('the error of a rejected call contains the id of the watcher, the method and the state', () => {
    const { watcher } = started();
    expect(() => watcher.start()).toThrow(/'w' cannot start: it is running/);
  });
});
