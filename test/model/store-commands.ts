import { InvalidRequestError, SerializationError } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { type CommandOn, command } from './commands.ts';
import type { StoreModel } from './store-model.ts';
import { type AppStore, begin, isDone, thought, type Write } from './writing.ts';

/** What may be done to a store that an application uses. */
export type AppCommand = CommandOn<AppStore, StoreModel>;

const rowsOf = (own: NonNullable<AppStore['own']>): ReadonlyMap<string, number> =>
  new Map([...own.getRange()].map(({ key, value }) => [key, value]));

/** Writes, all at once: which comes first is the store's business, but each is whole, or leaves nothing behind. */
export const write = (writes: readonly Write[]): AppCommand =>
  command('write', writes, async (model, { store, time }) => {
    const outcomes = await Promise.allSettled(writes.map((each) => begin(store, each)));
    time.advance(0);

    const stored = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    const isRefusal = (reason: unknown) =>
      reason === thought || reason instanceof InvalidRequestError || reason instanceof SerializationError;
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(writes.map(isDone));
    expect(reasons.filter((reason) => !isRefusal(reason))).toEqual([]);

    const done = writes.filter(isDone);
    const first = (index: number) => stored[index]?.[0]?.seqNum ?? 0;
    const inOrder = [...done.keys()].sort((a, b) => first(a) - first(b));
    const expected = inOrder.map((index) => model.append(done[index]?.requests ?? [], time.now()));
    expect(inOrder.map((index) => stored[index])).toStrictEqual(expected);
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(model.latest);

    for (const { as, put } of done) if (as === 'transaction') model.own.set(...put);
    if (store.own !== undefined) expect(rowsOf(store.own)).toEqual(model.own);
  });

export const collectGarbage = (): AppCommand =>
  command('collectGarbage', '', async (model, { store, time }) => {
    expect(await store.collectGarbage()).toEqual(model.collectGarbage(time.now()));
  });
