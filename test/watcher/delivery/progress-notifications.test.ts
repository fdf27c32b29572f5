import { defer, NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { afterSequenceNumber, type EventIterator } from '../../../src/event/event-iterator.ts';
import type { WatcherPageRequest } from '../../../src/store/event-store.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { managed } from '../managed.ts';
import { fill } from './fill.ts';

describe('a watcher that is told, while it waits, of what its filter leaves out', () => {
  it('stands behind that', () => {
    const { clock, store, watcher } = managed({ events: 1, filter: { objectTypes: ['Other'] } });
    watcher.start();
    fill(store, 'Run', 'Run');
    clock.advanceBy(1000);
    const { nextEventIterator, checkpointIterator, lag } = watcher.stats();
    expect({ nextEventIterator, checkpointIterator, lag }).toEqual({
      nextEventIterator: afterSequenceNumber(3),
      checkpointIterator: afterSequenceNumber(3),
      lag: 0,
    });
  });

  it('reads on behind that when its read fails', () => {
    const { clock, store } = managed({ events: 0 });
    const asked: EventIterator[] = [];
    const getEvents = ({ iterator, onProgress }: WatcherPageRequest) =>
      defer(() => {
        asked.push(iterator);
        if (asked.length > 1) return NEVER;
        onProgress?.(5);
        return throwError(() => new StoreError('no'));
      });
    watch({ ...store, getEvents }, 'w', { handler: () => undefined, initialBackoff: 10 }).subscribe();
    clock.advanceBy(100);
    expect(asked).toEqual([afterSequenceNumber(0), afterSequenceNumber(5)]);
  });
});
