import { afterSequenceNumber, latest, trimHorizon, watch } from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

/** An engine that reads within the subscription itself: what marbles and virtual time can be told of. */
export const describeReadingAtOnce = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a read that is done at once', () => {
    test('has its page, and its replay, at the subscription', async () => {
      const store = await open();
      await store.storeEvents(span(1, 3).map(created));

      const page = note(store.getEvents({ iterator: trimHorizon() }));
      const replay = note(store.events(trimHorizon(), { live: false }));

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([span(1, 3)]);
      expect(seqNums(replay.values)).toEqual(span(1, 3));
      expect([page.isComplete, replay.isComplete]).toEqual([true, true]);
    });

    test('moves past what the filter leaves out at the subscription', async () => {
      const store = await open({ scheduler: new VirtualTime() });
      await store.storeEvents(span(1, 9).map(created));

      const page = note(store.getEvents({ iterator: trimHorizon(), filter: { objectTypes: ['Rare'] } }));

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(9) }]);
    });

    test('is done for those who wait before the append resolves', async () => {
      const store = await open({ scheduler: new VirtualTime() });
      const page = note(store.getEvents({ iterator: latest() }));
      const events = note(store.events(latest()));
      const outcomes = note(watch(store, 'w', { handler: () => undefined }));

      await store.storeEvent(request('CREATE', 'Job'));

      expect(page.values.map((one) => seqNums(one.events))).toEqual([[1]]);
      expect(seqNums(events.values)).toEqual([1]);
      expect(outcomes.values.map(({ seqNum }) => seqNum)).toEqual([1]);
    });
  });
