import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentsOf } from 'rx-watcher/testing';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Order, openShop } from './shop.ts';

const order = (id: string, pieces: number): Order => ({ id, article: 'pen', pieces });

describe('the outbox of a shop', () => {
  let directory: string;
  let shop: ReturnType<typeof openShop>;
  const open = () => openShop(join(directory, 'shop.lmdb'));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rx-watcher-outbox-'));
    shop = open();
    await shop.stock.put('pen', 10);
  });
  afterEach(async () => {
    await shop.close();
    await rm(directory, { recursive: true });
  });

  const contents = () => lastValueFrom(contentsOf(shop.store).pipe(toArray()));

  it('the outbox of a shop contains the event of a placed order', async () => {
    await shop.placeOrder(order('o1', 4));

    expect(shop.orders.get('o1')).toEqual(order('o1', 4));
    expect(shop.stock.get('pen')).toBe(6);
    expect(await contents()).toEqual(['1 CREATE Order {"id":"o1","article":"pen","pieces":4}']);
  });

  it('the shop stores no order and no event, and uses no sequence number, if an order is rejected', async () => {
    await expect(shop.placeOrder(order('o1', 12))).rejects.toThrow("2 of 'pen' are missing");

    expect(shop.orders.get('o1')).toBeUndefined();
    expect(shop.stock.get('pen')).toBe(10);
    expect(await contents()).toEqual([]);

    await shop.placeOrder(order('o2', 1));
    expect(await contents()).toEqual(['1 CREATE Order {"id":"o2","article":"pen","pieces":1}']);
  });

  it('the shop never sells a piece twice if orders are placed at the same time', async () => {
    const placed = await Promise.allSettled(['o1', 'o2', 'o3'].map((id) => shop.placeOrder(order(id, 4))));

    expect(placed.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(shop.stock.get('pen')).toBe(2);
    expect(await contents()).toHaveLength(2);
  });

  it('the outbox of a shop delivers orders in the order of the log, and retries a failed delivery', async () => {
    const sent: string[] = [];
    await shop.placeOrder(order('o1', 1));
    await shop.placeOrder(order('o2', 1));

    let isDown = true;
    const outcomes = shop.deliver(async (seqNum, { id }) => {
      sent.push(`${seqNum} ${id}`);
      if (!isDown) return;
      isDown = false;
      throw new Error('the service is down');
    });
    await lastValueFrom(outcomes.pipe(take(2)));

    expect(sent).toEqual(['1 o1', '1 o1', '2 o2']);
  });

  it('the outbox of a shop delivers the remaining orders after a restart', async () => {
    const sent: string[] = [];
    const publish = async (_seqNum: number, { id }: Order) => void sent.push(id);

    await shop.placeOrder(order('o1', 1));
    await firstValueFrom(shop.deliver(publish));
    await shop.placeOrder(order('o2', 1)); // while no watcher runs

    await shop.close();
    shop = open();
    await firstValueFrom(shop.deliver(publish));

    expect(sent).toEqual(['o1', 'o2']);
  });
});
