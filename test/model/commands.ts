import fc from 'fast-check';
import type { EventFilter, EventIterator, StoreEventRequest } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { trimThrough } from '../conformance/log-fixture.ts';
import { note } from '../conformance/note.ts';
import type { LogModel, PageQuery } from './log-model.ts';
import type { RealLog } from './real-log.ts';

/** What may be done to a log. */
export type LogCommand = fc.AsyncCommand<LogModel, RealLog>;

/** A command that may be done at any time; it is shown as what it was made of. */
const command = (
  name: string,
  data: unknown,
  run: (model: LogModel, real: RealLog) => Promise<void>,
): LogCommand => ({ check: () => true, run, toString: () => `${name}(${fc.stringify(data)})` });

const orFailure = <T>(read: () => T): T | { readonly failure: string } => {
  try {
    return read();
  } catch (error) {
    return { failure: String(error) };
  }
};

/** Appends, all at once: each array is a batch, but one of one event, which is stored as such. */
export const append = (batches: readonly (readonly StoreEventRequest[])[]) =>
  command('append', batches, async (model, { store, time }) => {
    const stored = await Promise.all(
      batches.map(async (batch) =>
        batch.length === 1
          ? [await store.storeEvent(batch[0] as StoreEventRequest)]
          : store.storeEvents(batch),
      ),
    );

    time.advance(0);

    expect(stored).toStrictEqual(batches.map((batch) => model.append(batch, time.now())));
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(model.latest);
  });

export const setClock = (milliseconds: number) =>
  command('setClock', milliseconds, async (_model, { time }) => time.set(milliseconds));

export const replay = (iterator: EventIterator, filter: EventFilter, batchSize: number) =>
  command('replay', { iterator, filter, batchSize }, async (model, { store, time }) => {
    const { values, error } = note(store.events(iterator, { filter, batchSize, live: false }));
    time.advance(0);

    const expected = orFailure(() => model.replay(iterator, filter));
    expect(error === undefined ? values : { failure: String(error) }).toStrictEqual(expected);
  });

export const readPage = (query: PageQuery) =>
  command('readPage', query, async (model, { store, time }) => {
    const { values, error } = note(store.getEvents(query));
    time.advance(0);

    const expected = orFailure(() => model.page(query));
    expect(error === undefined ? values[0] : { failure: String(error) }).toStrictEqual(expected);
  });

export const checkpoint = (watcherId: string, seqNum: number | undefined) =>
  command('checkpoint', { watcherId, seqNum }, async ({ checkpoints }, { store }) => {
    if (seqNum === undefined) {
      checkpoints.delete(watcherId);
      await store.deleteCheckpoint(watcherId);
    } else {
      checkpoints.set(watcherId, seqNum);
      await store.storeCheckpoint(watcherId, seqNum);
    }

    expect(await firstValueFrom(store.checkpoints())).toEqual(checkpoints);
    expect(await firstValueFrom(store.getCheckpoint(watcherId))).toBe(seqNum);
  });

export const trim = (through: number) =>
  command('trim', through, async (model, { log }) => {
    await trimThrough(log, through);
    model.trim(through);

    expect(await firstValueFrom(log.bounds())).toEqual({ oldest: model.oldest, latest: model.latest });
  });

/** Rearranges what is stored; nobody is to notice. */
export const tidy = (maxRecords: number) =>
  command('tidy', maxRecords, async (_model, { log }) => void (await log.tidy?.(maxRecords)));

export const reopen = () =>
  command('reopen', '', async (model, real) => {
    await real.reopen();

    expect(await firstValueFrom(real.log.bounds())).toEqual({ oldest: model.oldest, latest: model.latest });
    expect(await firstValueFrom(real.store.checkpoints())).toEqual(model.checkpoints);
  });
