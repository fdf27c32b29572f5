import { afterSequenceNumber, latest, trimHorizon, watch } from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Declares the tests of an engine that reads synchronously, which tests in virtual time need. */
export const describeSynchronousReads = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a store with an engine that reads synchronously', () => {
    test('a page and all events of a replay are emitted during the call of subscribe if the engine reads synchronously', async () => {
      const store = await open();
      await store.storeEvents(span(1, 3).map(created));

      const page = note(store.getEvents({ iterator: trimHorizon() }));
      const replay = note(store.events(trimHorizon(), { live: false }));

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([span(1, 3)]);
      expect(seqNums(replay.values)).toEqual(span(1, 3));
      expect([page.isComplete, replay.isComplete]).toEqual([true, true]);
    });

    test('an empty page is emitted during the call of subscribe if the filter excludes all events and the engine reads synchronously', async () => {
      const store = await open({ scheduler: new VirtualClock() });
      await store.storeEvents(span(1, 9).map(created));

      const page = note(store.getEvents({ iterator: trimHorizon(), filter: { objectTypes: ['Rare'] } }));

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(9) }]);
    });

    test('waiting readers wake before the Promise of an append resolves if the engine reads synchronously', async () => {
      const store = await open({ scheduler: new VirtualClock() });
      const page = note(store.getEvents({ iterator: latest() }));
      const live = note(store.events(latest()));
      const outcomes = note(watch(store, 'w', { handler: () => undefined }));

      await store.storeEvent(request('CREATE', 'Job'));

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
      expect(seqNums(live.values)).toEqual([1]);
      expect(outcomes.values.map(({ seqNum }) => seqNum)).toEqual([1]);
    });
  });
