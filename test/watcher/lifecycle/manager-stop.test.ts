import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';

function three() {
  const all = managed();
  const other = new ManualHandler();
  all.watcher.start();
  all.manager.create('other', { handler: other.handler, autoStart: true });
  all.manager.create('idle at the tail', { handler: () => EMPTY, autoStart: true });
  all.clock.advanceBy(0);
  const states = () => all.manager.watchers().map((watcher) => watcher.stats().state);
  return { ...all, other, states };
}

describe('the stop of a manager', () => {
  it('the stop of a manager stops all watchers concurrently, and waits for their attempts in flight', async () => {
    const { manager, byHand, other, states } = three();
    const stopped = manager.stop();
    expect(states().slice(0, 2)).toEqual(['stopping', 'stopping']);
    other.finish();
    byHand.finish();
    await stopped;
    expect(states()).toEqual(['stopped', 'stopped', 'stopped']);
    expect([...byHand.seqNums, ...other.seqNums]).toEqual([1, 1]);
  });

  it('the stop of a manager has one timeout for all watchers, and its error names the watchers that have not stopped', async () => {
    const { clock, manager, byHand, other, states } = three();
    const failed = manager.stop({ timeout: 100 }).then(
      () => undefined,
      (error: Error) => error,
    );
    await nextTurn();
    clock.advanceBy(50);
    expect(byHand.contexts[0]?.signal.aborted).toBe(false);
    clock.advanceBy(50);
    const error = await failed;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error?.message).toMatch(/'w'.*'other'/);
    expect(error?.message).not.toContain('idle');
    expect(byHand.contexts[0]?.signal.aborted).toBe(true);
    expect(other.contexts[0]?.signal.aborted).toBe(true);
    expect(states()).toEqual(['stopping', 'stopping', 'stopped']);
  });

  it('the stop of a manager stops the other watchers if one watcher does not stop in time, and its error names that watcher', async () => {
    const { clock, manager, other, states } = three();
    const rejected = expect(manager.stop({ timeout: 100 })).rejects.toThrow(/^(?!.*'other').*'w'/);
    other.finish();
    await nextTurn();
    clock.advanceBy(100);
    await rejected;
    expect(states()).toEqual(['stopping', 'stopped', 'stopped']);
  });

  it('the stop of a manager times out after 30 seconds by default', async () => {
    const { clock, manager, byHand } = three();
    const rejected = expect(manager.stop()).rejects.toThrow(TimeoutError);
    clock.advanceBy(29_999);
    expect(byHand.contexts[0]?.signal.aborted).toBe(false);
    clock.advanceBy(1);
    await rejected;
  });

  it('the stop of a manager removes no watcher, and can be repeated', async () => {
    const { manager, byHand, other, states } = three();
    const stopped = manager.stop();
    byHand.finish();
    other.finish();
    await stopped;
    await manager.stop();
    expect(states()).toEqual(['stopped', 'stopped', 'stopped']);
    manager.lookup('w').start();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('the stop of a manager without watchers resolves immediately', async () => {
    const { manager } = managed();
    await manager.remove('w');
    await manager.stop();
  });
});
