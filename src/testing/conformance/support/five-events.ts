import type { OpenStore } from '../store-fixture.ts';
import { passEverything } from './pass-everything.ts';
import { created, span } from './requests.ts';
import { VirtualTime } from './virtual-time.ts';

/** A store of five events, a second between one and the next, the first at 10 s. */
export async function fiveEvents(open: OpenStore, gcAgeThreshold: number) {
  const time = new VirtualTime();
  const store = await open({ scheduler: time, gcAgeThreshold });
  for (const n of span(1, 5)) {
    time.set(9000 + 1000 * n);
    await store.storeEvent(created(n));
  }
  await passEverything(store);
  return { time, store };
}
