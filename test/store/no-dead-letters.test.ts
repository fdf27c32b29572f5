import { EMPTY, lastValueFrom, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { InvalidOptionsError } from '../../src/errors.ts';
import { createEventStore } from '../../src/store/create-event-store.ts';
import type { EventStore } from '../../src/store/event-store.ts';
import { deadLetter, deadLettersOf } from '../../src/testing/conformance/support/dead-letters.ts';
import { failureOf, faultPaths } from '../../src/testing/conformance/support/fault-paths.ts';
import { created } from '../../src/testing/conformance/support/requests.ts';
import { createManager } from '../../src/watcher/managed/manager.ts';
import { statsIn } from '../support/watcher/managed-watcher.ts';

/** Creates a store on an engine that does not support dead letters. */
const withoutDeadLetters = (): EventStore => {
  const { deadLetters: _none, ...log } = createMemoryEventLog();
  return createEventStore(log, { gcAgeThreshold: 0 });
};

describe('a store on an engine without dead letters', () => {
  it.each<[string, (store: EventStore) => Promise<unknown>]>([
    ['storeDeadLetter', (store) => store.storeDeadLetter(deadLetter(1), 1)],
    ['deadLetters', (store) => deadLettersOf(store)],
    ['deleteDeadLetter', (store) => store.deleteDeadLetter('w', 1)],
    [
      'redrive',
      (store) => {
        const manager = createManager(store);
        manager.create('w', { handler: () => EMPTY });
        return manager.redrive('w');
      },
    ],
  ])(
    'a store on an engine without dead letters rejects a call of %s with an InvalidOptionsError',
    async (_name, call) => {
      const failure = await failureOf(call(withoutDeadLetters()));

      expect(failure).toBeInstanceOf(InvalidOptionsError);
      expect(faultPaths(failure)).toEqual(['deadLetters']);
    },
  );

  it('a watcher with retryStrategy deadLetter fails without skipping the event if the engine has no dead letters', async () => {
    const store = withoutDeadLetters();
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
