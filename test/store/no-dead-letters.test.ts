import { EMPTY, lastValueFrom, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { InvalidOptionsError } from '../../src/errors.ts';
import { createEventStore } from '../../src/store/create-event-store.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { failureOf, faultPaths } from '../../src/testing/conformance/support/fault-paths.ts';
import { letter, lettersOf } from '../../src/testing/conformance/support/letters.ts';
import { created } from '../../src/testing/conformance/support/requests.ts';
import { createManager } from '../../src/watcher/managed/manager.ts';
import { statsIn } from '../watcher/managed.ts';

/** A store on an engine from before there were dead letters. */
const withoutLetters = (): EventStore => {
  const { deadLetters: _none, ...log } = createMemoryEventLog();
  return createEventStore(log, { gcAgeThreshold: 0 });
};

describe('an engine that keeps no dead letters', () => {
  it.each<[string, (store: EventStore) => Promise<unknown>]>([
    ['storeDeadLetter', (store) => store.storeDeadLetter(letter(1), 1)],
    ['deadLetters', (store) => lettersOf(store)],
    ['deleteDeadLetter', (store) => store.deleteDeadLetter('w', 1)],
    [
      'redrive',
      (store) => {
        const manager = createManager(store);
        manager.create('w', { handler: () => EMPTY });
        return manager.redrive('w');
      },
    ],
  ])('refuses %s, and says that it is the engine', async (_name, call) => {
    const failure = await failureOf(call(withoutLetters()));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(['deadLetters']);
  });

  it('fails a watcher that is to keep one, before the event', async () => {
    const store = withoutLetters();
    await store.storeEvent(created(1));
    const watcher = createManager(store).create('w', {
      handler: () => throwError(() => 'no'),
      maxRetries: 0,
      retryStrategy: 'deadLetter',
      autoStart: true,
    });

    const { lastError, skipped } = await statsIn(watcher, 'failed');

    expect(lastError).toBeInstanceOf(InvalidOptionsError);
    expect(skipped).toBe(0);
    expect(await lastValueFrom(store.getCheckpoint('w'))).toBe(0);
  });
});
