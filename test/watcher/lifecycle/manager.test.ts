import { EMPTY, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  InvalidOptionsError,
  TimeoutError,
  WatcherAlreadyExistsError,
  WatcherNotFoundError,
} from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

const handler = () => EMPTY;

describe('a manager', () => {
  it('a manager creates watchers, lists the watchers in order of creation, and finds a watcher by its id', () => {
    const manager = createManager(createMemoryStore());
    expect(manager.watchers()).toEqual([]);
    const b = manager.create('b');
    const a = manager.create('a', { handler });
    expect(manager.watchers()).toEqual([b, a]);
    expect(manager.lookup('a')).toBe(a);
    expect(manager.lookup('b')).toBe(b);
    expect(a.id).toBe('a');
  });

  it('a manager creates an idle watcher by default, and a running watcher with autoStart: true', async () => {
    const store = createMemoryStore();
    fillUp(store, 2);
    const manager = createManager(store);
    expect(manager.create('idle', { handler }).stats()).toMatchObject({ state: 'idle', handled: 0 });
    const started = manager.create('started', { handler, autoStart: true });
    await nextTurn();
    expect(started.stats()).toMatchObject({ state: 'running', handled: 2 });
  });

  it('a manager rejects a second watcher with the same id, and keeps the first watcher', () => {
    const manager = createManager(createMemoryStore());
    const first = manager.create('w', { handler });
    expect(() => manager.create('w', { handler })).toThrow(WatcherAlreadyExistsError);
    expect(manager.watchers()).toEqual([first]);
  });

  it('a manager does not reserve the id of a watcher that it rejects because of invalid options', () => {
    const manager = createManager(createMemoryStore());
    expect(() => manager.create('w', { autoStart: true })).toThrow(InvalidOptionsError);
    expect(manager.watchers()).toEqual([]);
    manager.create('w', { handler });
  });

  it('a manager throws a WatcherNotFoundError for an unknown id', async () => {
    const manager = createManager(createMemoryStore());
    expect(() => manager.lookup('w')).toThrow(WatcherNotFoundError);
    await expect(manager.remove('w')).rejects.toThrow(WatcherNotFoundError);
  });

  it('a manager returns a copy of its list of watchers', () => {
    const manager = createManager(createMemoryStore());
    manager.create('w');
    (manager.watchers() as unknown[]).length = 0;
    expect(manager.watchers()).toHaveLength(1);
  });
});

describe('the removal of a watcher from its manager', () => {
  it('the removal of a watcher stops the watcher, frees its id for another watcher and keeps its checkpoint', async () => {
    const { store, manager, byHand, watcher } = started();
    byHand.finish();
    const removed = manager.remove('w');
    byHand.finish();
    await removed;
    expect(watcher.stats().state).toBe('stopped');
    expect(manager.watchers()).toEqual([]);
    expect(() => manager.lookup('w')).toThrow(WatcherNotFoundError);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);

    const again = manager.create('w', { handler, autoStart: true });
    await nextTurn();
    expect(again.stats().handled).toBe(1);
  });

  it('the removal of a watcher completes outcomes$ and stats$ after their last value', async () => {
    const { manager, byHand, watcher } = managed();
    const outcomes = lastValueFrom(watcher.outcomes$.pipe(toArray()));
    const stats = lastValueFrom(watcher.stats$);
    watcher.start();
    byHand.finish();
    const removed = manager.remove('w');
    byHand.finish();
    await removed;
    expect((await outcomes).map(({ seqNum }) => seqNum)).toEqual([1, 2]);
    expect(await stats).toMatchObject({ state: 'stopped', handled: 2 });
    expect(await lastValueFrom(watcher.stats$)).toMatchObject({ state: 'stopped' });
    expect(await lastValueFrom(watcher.outcomes$, { defaultValue: 'none' })).toBe('none');
  });

  it('the removal of a watcher is rejected if the watcher does not stop in time, and the watcher is not removed', async () => {
    const { clock, manager, byHand, watcher } = started();
    const removed = expect(manager.remove('w')).rejects.toThrow(TimeoutError);
    clock.advanceBy(30_000);
    await removed;
    expect(manager.lookup('w')).toBe(watcher);
    byHand.finish();
    clock.advanceBy(0);
    await manager.remove('w');
    expect(manager.watchers()).toEqual([]);
  });

  it('a removed watcher enters state stopped even if the watcher was never started', async () => {
    const { manager, watcher } = managed();
    await manager.remove('w');
    expect(watcher.stats().state).toBe('stopped');
  });
});
