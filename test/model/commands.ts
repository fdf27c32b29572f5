import fc from 'fast-check';
import {
  type Event,
  type EventFilter,
  type EventIterator,
  type EventStore,
  type StoreEventRequest,
  trimHorizon,
} from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { note } from '../../src/testing/conformance/support/note.ts';
import type { LogModel, PageQuery } from '../../src/testing/log-model.ts';
import type { RealStore } from './real-store.ts';

/** Command for stores of type `S`. */
export type CommandOn<S extends EventStore, M extends LogModel = LogModel> = fc.AsyncCommand<M, RealStore<S>>;

/** Command for every store. */
export type StoreCommand = CommandOn<EventStore>;

/** String of about a third of the size of a chunk. Commands print this string as `LARGE`. */
export const LARGE = 'large '.repeat(4000);

/** Creates a command without a precondition that prints its name and data. */
export const command = <S extends EventStore, M extends LogModel>(
  name: string,
  data: unknown,
  run: (model: M, real: RealStore<S>) => Promise<void>,
): CommandOn<S, M> => ({
  check: () => true,
  run,
  toString: () => `${name}(${fc.stringify(data).replaceAll(LARGE, 'LARGE')})`,
});

const orFailure = <T>(read: () => T): T | { readonly failure: string } => {
  try {
    return read();
  } catch (error) {
    return { failure: String(error) };
  }
};

const storedOrFailure = (stored: Promise<readonly Event[]>) =>
  stored.catch((error: unknown) => ({ failure: String(error) }));

/** Appends all batches concurrently: a batch of one request with `storeEvent`, each other batch with `storeEvents`. */
export const append = (batches: readonly (readonly StoreEventRequest[])[]): StoreCommand =>
  command('append', batches, async (model, { store, time }) => {
    const appendBatch = async (batch: readonly StoreEventRequest[]) =>
      batch.length === 1 ? [await store.storeEvent(batch[0] as StoreEventRequest)] : store.storeEvents(batch);
    const stored = await Promise.all(batches.map((batch) => storedOrFailure(appendBatch(batch))));

    time.advanceBy(0);

    const expected = batches.map((batch) => orFailure(() => model.append(batch, time.now())));
    expect(stored).toStrictEqual(expected);
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(model.latest);
  });

export const setClock = (milliseconds: number): StoreCommand =>
  command('setClock', milliseconds, async (_model, { time }) => time.set(milliseconds));

export const replay = (iterator: EventIterator, filter: EventFilter, batchSize: number): StoreCommand =>
  command('replay', { iterator, filter, batchSize }, async (model, { store, time }) => {
    const { values, error } = note(store.events(iterator, { filter, batchSize, live: false }));
    time.advanceBy(0);

    const expected = orFailure(() => model.replay(iterator, filter));
    expect(error === undefined ? values : { failure: String(error) }).toStrictEqual(expected);
  });

export const readPage = (query: PageQuery): StoreCommand =>
  command('readPage', query, async (model, { store, time }) => {
    const { values, error } = note(store.getEvents(query));
    time.advanceBy(0);

    const expected = orFailure(() => model.page(query));
    expect(error === undefined ? values[0] : { failure: String(error) }).toStrictEqual(expected);
  });

export const checkpoint = (watcherId: string, seqNum: number | undefined): StoreCommand =>
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

export const reopen = (): StoreCommand =>
  command('reopen', '', async (model, real) => {
    await real.reopen();

    const { store } = real;
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(model.latest);
    expect(note(store.events(trimHorizon(), { live: false })).values).toStrictEqual(
      model.replay(trimHorizon(), {}),
    );
    expect(await firstValueFrom(store.checkpoints())).toEqual(model.checkpoints);
  });
