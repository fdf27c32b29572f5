import type { Event } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { type Acknowledged, appendAndKill } from '../support/lmdb/append-and-kill.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const idOf = ({ object }: Event): string => (object as { id: string }).id;

/** Returns the batches with missing events. */
function incompleteBatches(events: readonly Event[]): readonly string[] {
  const parts = new Map<string, number>();
  for (const id of events.map(idOf)) {
    const batch = id.replace(/[.]part.$/, '');
    if (batch !== id) parts.set(batch, (parts.get(batch) ?? 0) + 1);
  }
  return [...parts].filter(([, count]) => count !== 3).map(([batch]) => batch);
}

test('a log contains all acknowledged events and checkpoints, and no gap or incomplete batch, after its process was killed', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const expectWhole = async ({ ids, checkpoint }: Acknowledged) => {
    const store = openLmdbStore({ path });
    const events = await readAll(store);
    const found = await firstValueFrom(store.getCheckpoint('w'));
    await store.close();

    expect(seqNums(events)).toEqual(span(1, events.length));
    const stored = new Map(events.map((event) => [event.seqNum, idOf(event)]));
    expect([...ids].filter(([seqNum, id]) => stored.get(seqNum) !== id)).toEqual([]);
    expect(new Set(stored.values()).size).toBe(events.length);
    expect(incompleteBatches(events)).toEqual([]);
    expect(found ?? 0).toBeGreaterThanOrEqual(checkpoint);
    return events.length;
  };

  let earlier = 0;
  for (const [run, count] of [1, 7, 40, 3, 150, 90, 12, 260, 25, 400].entries()) {
    const acknowledged = await appendAndKill(path, run, count);
    expect(acknowledged.ids.size).toBeGreaterThanOrEqual(count);
    expect(Math.min(...acknowledged.ids.keys())).toBeGreaterThan(earlier);
    earlier = await expectWhole(acknowledged);
  }
  await directory.remove();
});
