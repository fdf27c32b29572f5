import { createManager, type Operation } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { type Client, inspect, type Json } from './inspect.ts';

const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE'];

/** Returns the numbers of all events that match a query, page by page from the end of the log. */
async function walkBackwards(client: Client, query: string): Promise<readonly number[]> {
  const seqNums: number[] = [];
  let before: number | null = Number.MAX_SAFE_INTEGER;
  while (before !== null) {
    const { body }: { body: Json } = await client.get(`api/events?${query}&before=${before}`);
    seqNums.unshift(...body.events.map(({ seqNum }: { seqNum: number }) => seqNum));
    before = body.previous;
  }
  return seqNums;
}

describe('an inspector of a stream', () => {
  const stream = eachStream();

  it('an inspector of a stream shows each event once on pages from the end to the beginning', async () => {
    const store = await stream.open();
    const events = Array.from({ length: 90 }, (_, index) => ({
      operation: OPERATIONS[index % 3] as Operation,
      objectType: index % 10 === 0 ? 'Order' : 'Job',
      object: { n: index + 1 },
      ...(index % 2 === 0 && { key: `k${index % 4}` }),
    }));
    for (const event of events) await store.storeEvent(event);
    const client = inspect({ store });
    const matching = (isMatch: (event: (typeof events)[number]) => boolean) =>
      events.flatMap((event, index) => (isMatch(event) ? [index + 1] : []));
    expect(await walkBackwards(client, 'limit=7')).toEqual(matching(() => true));
    expect(await walkBackwards(client, 'limit=2&type=Order')).toEqual(
      matching(({ objectType }) => objectType === 'Order'),
    );
    expect(await walkBackwards(client, 'limit=5&operation=DELETE&key=k2')).toEqual(
      matching(({ operation, key }) => operation === 'DELETE' && key === 'k2'),
    );
  });

  it('an inspector of a stream shows figures, dead letters and new events', async () => {
    const store = await stream.open();
    const manager = createManager(store);
    const watcher = manager.create('w', {
      handler: () => {
        throw new Error('no');
      },
      retryStrategy: 'deadLetter',
      maxRetries: 0,
      autoStart: true,
    });
    const client = inspect({ store, manager, readOnly: false });
    const follow = await client.stream('api/events/follow?from=1');
    const followed = follow.nextNamed('event');
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { n: 1 } });
    await firstValueFrom(watcher.whenProcessed(1));
    expect(await followed).toMatchObject({ id: '1', data: { preview: '{"n":1}' } });
    const live = await client.stream('api/live');
    expect((await live.nextNamed('overview')).data).toMatchObject({
      engine: 'jetstream',
      latestSeqNum: 1,
      deadLetters: 1,
    });
    expect((await live.nextNamed('watchers')).data.watchers).toMatchObject([{ id: 'w', deadLetters: 1 }]);
    const letter = await client.get('api/dead-letters/w/1');
    expect(letter.body).toMatchObject({ errors: [{ message: 'no' }], event: { object: { n: 1 } } });
    const removed = await client.post('api/dead-letters/w/all/delete');
    expect(removed.body.removed).toBe(1);
    await manager.stop();
  });
});
