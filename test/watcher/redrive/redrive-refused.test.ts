import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  InvalidOptionsError,
  InvalidStateError,
  NoHandlerError,
  WatcherNotFoundError,
} from '../../../src/errors.ts';
import { deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { failureOf, faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';
import type { RedriveOptions } from '../../../src/watcher/managed/redrive-command.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { watcherWithDeadLetters } from './watcher-with-dead-letters.ts';

describe('the method redrive of a manager', () => {
  it('a redrive is rejected with a fault for each number without a dead letter, and delivers nothing', async () => {
    const { manager, store, byHand } = await watcherWithDeadLetters([2, 3]);
    const failure = await failureOf(manager.redrive('w', { seqNums: [2, 1, 3, 99] }));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(['seqNums.1', 'seqNums.3']);
    expect(byHand.seqNums).toEqual([]);
    expect(await deadLettersOf(store)).toHaveLength(2);
  });

  it.each<[unknown, readonly string[]]>([
    [{ seqNums: [0, 1, '2', 0.5] }, ['seqNums.0', 'seqNums.2', 'seqNums.3']],
    [{ seqNums: 2 }, ['seqNums']],
    [null, ['']],
  ])('a redrive is rejected with the options %j', async (options, paths) => {
    const { manager } = await watcherWithDeadLetters([1]);
    const failure = await failureOf(manager.redrive('w', options as RedriveOptions));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(paths);
  });

  it('a redrive is rejected for a watcher that does not exist or has no handler', async () => {
    const { manager } = await watcherWithDeadLetters([1], () => ({}));

    expect(await failureOf(manager.redrive('missing'))).toBeInstanceOf(WatcherNotFoundError);
    expect(await failureOf(manager.redrive('w'))).toBeInstanceOf(NoHandlerError);
  });

  it('a redrive is rejected during another redrive of the watcher, and accepted after that redrive', async () => {
    const { manager, byHand } = await watcherWithDeadLetters([1]);
    const redriven = manager.redrive('w');
    expect(await failureOf(manager.redrive('w'))).toBeInstanceOf(InvalidStateError);
    byHand.finish();
    await redriven;

    expect(await manager.redrive('w')).toEqual([]);
  });

  it('a redrive that the handler of the watcher calls is rejected, and the watcher continues to run', async () => {
    const failures: unknown[] = [];
    const { manager, watcher, store } = await watcherWithDeadLetters([1], () => ({
      handler: async () => {
        await nextTurn();
        failures.push(await failureOf(manager.redrive('w')));
      },
    }));
    watcher.start();
    await manager.redrive('w');
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {} });
    await lastValueFrom(watcher.whenProcessed(6));

    expect(failures).toEqual([expect.any(InvalidStateError), expect.any(InvalidStateError)]);
    await manager.stop();
  });
});
