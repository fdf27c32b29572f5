import { firstValueFrom, from, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/memory.ts';
import type { Progress } from '../../src/operators/checkpoint-to.ts';
import { checkpointTo } from '../../src/operators/checkpoint-to.ts';
import { storedEvent as event } from '../support/events.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { GatedCheckpoints } from '../support/watcher/gated-checkpoints.ts';

/** Returns the stored checkpoint after these values have passed `checkpointTo`. */
async function checkpointAfter(...values: Progress[]): Promise<number | undefined> {
  const store = createMemoryStore();
  await lastValueFrom(from(values).pipe(checkpointTo(store, 'w')), { defaultValue: undefined });
  return firstValueFrom(store.getCheckpoint('w'));
}

describe('the operator checkpointTo', () => {
  it(
    'checkpointTo emits each value immediately and unchanged, without waiting for writes',
    inVirtualTime(({ hot, expectObservable, expectSubscriptions }) => {
      const values = {
        a: event(1),
        b: [event(2), event(3)],
        c: { status: 'handled', seqNum: 4, event: event(4), attempts: 1 },
        d: [],
      };
      const e1 = hot('  -a-(bc)--d-', values);
      const subs = '    ^----------';
      const expected = '-a-(bc)--d-';

      expectObservable(e1.pipe(checkpointTo(new GatedCheckpoints(), 'w'))).toBe(expected, values);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it('checkpointTo stores the sequence number of the last event as the checkpoint', async () => {
    expect(await checkpointAfter(event(3), event(4), event(5))).toBe(5);
  });

  it('checkpointTo stores the sequence number of the last outcome as the checkpoint', async () => {
    const handled = { status: 'handled', seqNum: 7, event: event(7), attempts: 1 } as const;
    expect(await checkpointAfter(handled)).toBe(7);
  });

  it('checkpointTo stores the sequence number of the last element of an array as the checkpoint', async () => {
    expect(await checkpointAfter([event(1), event(2)], [event(3), event(4)])).toBe(4);
  });

  it('checkpointTo stores nothing for an empty array', async () => {
    expect(await checkpointAfter([])).toBeUndefined();
    expect(await checkpointAfter([event(1)], [], [])).toBe(1);
  });

  it('checkpointTo stores a pending value even if an empty array follows that value', async () => {
    const store = new GatedCheckpoints();
    from<Progress[]>([event(1), event(2), []])
      .pipe(checkpointTo(store, 'w'))
      .subscribe();
    await store.finish();
    expect(store.writes).toEqual([1, 2]);
  });

  it('checkpointTo stores nothing if the source is empty, and completes', async () => {
    expect(await checkpointAfter()).toBeUndefined();
  });

  it('checkpointTo stores a checkpoint for the watcher with the given id', () => {
    const store = new GatedCheckpoints();
    from([event(1)])
      .pipe(checkpointTo(store, 'mailer'))
      .subscribe();
    expect([...store.watcherIds]).toEqual(['mailer']);
  });

  it('checkpointTo writes nothing before a subscription, and writes for each subscriber', async () => {
    const store = new GatedCheckpoints();
    const result = from([event(1)]).pipe(checkpointTo(store, 'w'));
    expect(store.writes).toEqual([]);
    result.subscribe();
    result.subscribe();
    expect(store.writes).toEqual([1, 1]);
  });

  it('checkpointTo stores the last emitted value if take() downstream stops a synchronous source', async () => {
    const store = new GatedCheckpoints();
    const source = from([1, 2, 3, 4, 5].map((n) => event(n)));
    const seen = await lastValueFrom(source.pipe(checkpointTo(store, 'w'), take(3), toArray()));
    expect(seen.map(({ seqNum }) => seqNum)).toEqual([1, 2, 3]);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
    await store.finish();
    expect(store.writes).toEqual([1, 3]);
  });
});
