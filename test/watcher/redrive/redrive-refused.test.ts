import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  InvalidOptionsError,
  InvalidStateError,
  NoHandlerError,
  WatcherNotFoundError,
} from '../../../src/errors.ts';
import { failureOf, faultPaths } from '../../../src/testing/conformance/support/fault-paths.ts';
import { lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import type { RedriveOptions } from '../../../src/watcher/managed/redrive-command.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { redriven } from './redriven.ts';

describe('a redrive that cannot be', () => {
  it('is refused with every number that there is no letter of, before anything is handed over', async () => {
    const { manager, store, byHand } = await redriven([2, 3]);
    const failure = await failureOf(manager.redrive('w', { seqNums: [2, 1, 3, 99] }));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(['seqNums.1', 'seqNums.3']);
    expect(byHand.seqNums).toEqual([]);
    expect(await lettersOf(store)).toHaveLength(2);
  });

  it.each<[unknown, readonly string[]]>([
    [{ seqNums: [0, 1, '2', 0.5] }, ['seqNums.0', 'seqNums.2', 'seqNums.3']],
    [{ seqNums: 2 }, ['seqNums']],
    [null, ['']],
  ])('is refused with %o', async (options, paths) => {
    const { manager } = await redriven([1]);
    const failure = await failureOf(manager.redrive('w', options as RedriveOptions));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(paths);
  });

  it('is refused where there is no watcher, and where that has no handler', async () => {
    const { manager } = await redriven([1], () => ({}));

    expect(await failureOf(manager.redrive('nobody'))).toBeInstanceOf(WatcherNotFoundError);
    expect(await failureOf(manager.redrive('w'))).toBeInstanceOf(NoHandlerError);
  });

  it('is refused while there is another, and not behind it', async () => {
    const { manager, byHand } = await redriven([1]);
    const driven = manager.redrive('w');
    expect(await failureOf(manager.redrive('w'))).toBeInstanceOf(InvalidStateError);
    byHand.finish();
    await driven;

    expect(await manager.redrive('w')).toEqual([]);
  });

  it('is refused from inside the handler of the watcher, and that goes on', async () => {
    const failures: unknown[] = [];
    const { manager, watcher, store } = await redriven([1], () => ({
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
