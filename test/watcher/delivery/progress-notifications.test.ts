import { defer, NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { afterSequenceNumber, type EventIterator } from '../../../src/event/event-iterator.ts';
import type { WatcherPageRequest } from '../../../src/store/event-store.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

describe('a watcher that waits for events at the tail', () => {
  it('a waiting watcher moves its position and its checkpoint past excluded events of which the store notifies the watcher', () => {
    const { clock, store, watcher } = started({ events: 1, filter: { objectTypes: ['Other'] } });
    fill(store, 'Run', 'Run');
    clock.advanceBy(1000);
    const { nextEventIterator, checkpointIterator, lag } = watcher.stats();
    expect({ nextEventIterator, checkpointIterator, lag }).toEqual({
      nextEventIterator: afterSequenceNumber(3),
      checkpointIterator: afterSequenceNumber(3),
      lag: 0,
    });
  });

  it('after a failed read, a watcher reads on after the excluded events of which the read has notified it', () => {
    const { clock, store } = managed({ events: 0 });
    const iterators: EventIterator[] = [];
    const getEvents = ({ iterator, onProgress }: WatcherPageRequest) =>
      defer(() => {
        iterators.push(iterator);
        if (iterators.length > 1) return NEVER;
        onProgress?.(5);
        return throwError(() => new StoreError('no'));
      });
    watch({ ...store, getEvents }, 'w', { handler: () => undefined, initialBackoff: 10 }).subscribe();
    clock.advanceBy(100);
    expect(iterators).toEqual([afterSequenceNumber(0), afterSequenceNumber(5)]);
  });
});
