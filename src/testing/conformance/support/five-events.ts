import type { OpenStore } from '../store-fixture.ts';
import { passEverything } from './pass-everything.ts';
import { created, span } from './requests.ts';
import { VirtualClock } from './virtual-clock.ts';

/**
 * Opens a store of five events with timestamps from 10,000 to 14,000 ms. A checkpoint after these events allows garbage
 * collection by age.
 */
export async function fiveEvents(open: OpenStore, gcAgeThreshold: number) {
  const time = new VirtualClock();
  const store = await open({ scheduler: time, gcAgeThreshold });
  for (const n of span(1, 5)) {
    time.set(9000 + 1000 * n);
    await store.storeEvent(created(n));
  }
  await passEverything(store);
  return { time, store };
}
