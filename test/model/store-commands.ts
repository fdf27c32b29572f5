import { DuplicateIdError, InvalidRequestError, SerializationError } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { type CommandOn, command } from './commands.ts';
import type { StoreModel } from './store-model.ts';
import { type AppStore, isStorable, performWrite, transactionFailure, type Write } from './writing.ts';

/** Command for a store of an application. */
export type AppCommand = CommandOn<AppStore, StoreModel>;

const rowsOf = (appTable: NonNullable<AppStore['appTable']>): ReadonlyMap<string, number> =>
  new Map([...appTable.getRange()].map(({ key, value }) => [key, value]));

/** Writes concurrently. The store decides the order, and each write is stored completely or not at all. */
export const write = (writes: readonly Write[]): AppCommand =>
  command('write', writes, async (model, { store, time }) => {
    const outcomes = await Promise.allSettled(writes.map((item) => performWrite(store, item)));
    time.advanceBy(0);

    const stored = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    const isExpectedError = (reason: unknown) =>
      reason === transactionFailure ||
      reason instanceof DuplicateIdError ||
      reason instanceof InvalidRequestError ||
      reason instanceof SerializationError;
    const isDuplicate = reasons.some((reason) => reason instanceof DuplicateIdError);
    const isStored = (item: Write) => isStorable(item) && !isDuplicate;
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(writes.map(isStored));
    expect(reasons.filter((reason) => !isExpectedError(reason))).toEqual([]);

    // A write has ids only if there are no concurrent writes, so that the model knows which of two requests with the same id
    // comes first.
    if (isDuplicate) {
      expect(() => model.append(writes[0]?.requests ?? [], time.now())).toThrow(DuplicateIdError);
    }
    const storable = writes.filter(isStored);
    const first = (index: number) => stored[index]?.[0]?.seqNum ?? 0;
    const storedOrder = [...storable.keys()].sort((a, b) => first(a) - first(b));
    const expected = storedOrder.map((index) => model.append(storable[index]?.requests ?? [], time.now()));
    expect(storedOrder.map((index) => stored[index])).toStrictEqual(expected);
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(model.latest);

    for (const { as, put } of storable) if (as === 'transaction') model.appTable.set(...put);
    if (store.appTable !== undefined) expect(rowsOf(store.appTable)).toEqual(model.appTable);
  });

export const collectGarbage = (): AppCommand =>
  command('collectGarbage', '', async (model, { store, time }) => {
    expect(await store.collectGarbage()).toEqual(model.collectGarbage(time.now()));
  });
