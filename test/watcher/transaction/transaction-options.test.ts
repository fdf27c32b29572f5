import { createEventStore } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { InvalidOptionsError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { watch } from '../../../src/watcher/watch.ts';

const transactionHandler = () => undefined;

describe('the option transactionHandler', () => {
  it.each<[string, object, string]>([
    ['handler', { handler: () => undefined }, 'transactionHandler'],
    ['batchHandler', { batchHandler: () => undefined }, 'transactionHandler'],
    ['concurrency', { concurrency: 2, keyOf: () => 'k' }, 'concurrency'],
    ["checkpoint: 'manual'", { checkpoint: 'manual' }, 'checkpoint'],
    ['ephemeral', { ephemeral: true }, 'ephemeral'],
  ])('the option transactionHandler cannot be combined with %s', (_name, options, path) => {
    const store = createMemoryStore();
    const given = { transactionHandler, ...options };
    const fault = { faults: [expect.objectContaining({ path })] };

    expect(() => createManager(store).create('w', given)).toThrow(InvalidOptionsError);
    expect(() => createManager(store).create('w', given)).toThrow(expect.objectContaining(fault));
    expect(note(watch(store, 'w', given as never)).error).toMatchObject(fault);
  });

  it('the option transactionHandler must be a function', () => {
    const given = { transactionHandler: 5 };
    const fault = { faults: [{ path: 'transactionHandler' }] };
    expect(note(watch(createMemoryStore(), 'w', given as never)).error).toMatchObject(fault);
  });

  it('the option transactionHandler can be combined with autoStart, concurrency 1, automatic checkpoints and ephemeral: false', () => {
    const options = { transactionHandler, concurrency: 1, checkpoint: 'auto', ephemeral: false } as const;
    const watcher = createManager(createMemoryStore()).create('w', { ...options, autoStart: true });
    expect(watcher.stats().state).toBe('running');
  });

  it('the option transactionHandler is rejected on an engine without transactions, with a message that names the guide', () => {
    const { transact: _transact, ...log } = createMemoryEventLog();
    const store = createEventStore(log, {});
    const fault = { path: 'transactionHandler', message: expect.stringContaining('exactly-once-results.md') };

    expect(store.transaction).toBeUndefined();
    expect(() => createManager(store).create('w', { transactionHandler })).toThrow(
      expect.objectContaining({ faults: [fault] }),
    );
    const { error } = note(watch(store, 'w', { transactionHandler }));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(error).toMatchObject({ faults: [fault] });
  });
});
