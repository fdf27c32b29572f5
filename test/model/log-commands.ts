import { createEventStore, type EventLog, type EventStore } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { trimThrough } from '../../src/testing/conformance/log-fixture.ts';
import type { VirtualTime } from '../../src/testing/conformance/support/virtual-time.ts';
import { type CommandOn, command } from './commands.ts';

/** A store, and the log that it stands on. */
export type LogStore = EventStore & { readonly log: EventLog };

/** What may be done to a log, and to the store on it. */
export type LogCommand = CommandOn<LogStore>;

/** Puts a store on a log; it collects no garbage of its own accord. */
export const storeOn = (log: EventLog, scheduler: VirtualTime): LogStore => ({
  ...createEventStore(log, { scheduler, longPollingTimeout: 0, gcAgeThreshold: 0 }),
  log,
});

export const trim = (through: number): LogCommand =>
  command('trim', through, async (model, { store: { log } }) => {
    await trimThrough(log, through);
    model.trim(through);

    expect(await firstValueFrom(log.bounds())).toEqual({ oldest: model.oldest, latest: model.latest });
  });

/** Rearranges what is stored; nobody is to notice. */
export const tidy = (maxRecords: number): LogCommand =>
  command('tidy', maxRecords, async (_model, { store: { log } }) => void (await log.compact?.(maxRecords)));
