import { createEventStore, type EventLog, type EventStore } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { trimThrough } from '../../src/testing/conformance/log-fixture.ts';
import type { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { type CommandOn, command } from './commands.ts';

/** Store with its event log. */
export type LogStore = EventStore & { readonly log: EventLog };

/** Command for an event log and its store. */
export type LogCommand = CommandOn<LogStore>;

/** Creates a store on a log, without automatic garbage collection. */
export const storeOn = (log: EventLog, scheduler: VirtualClock): LogStore => ({
  ...createEventStore(log, { scheduler, longPollingTimeout: 0, gcAgeThreshold: 0 }),
  log,
});

export const trim = (maxSeqNum: number): LogCommand =>
  command('trim', maxSeqNum, async (model, { store: { log } }) => {
    await trimThrough(log, maxSeqNum);
    model.trim(maxSeqNum);

    expect(await firstValueFrom(log.bounds())).toEqual({ oldest: model.oldest, latest: model.latest });
  });

/** Compacts the log, which must not change the result of any read. */
export const compact = (maxRecords: number): LogCommand =>
  command(
    'compact',
    maxRecords,
    async (_model, { store: { log } }) => void (await log.compact?.(maxRecords)),
  );
