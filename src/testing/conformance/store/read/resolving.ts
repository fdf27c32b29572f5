import {
  afterSequenceNumber,
  atSequenceNumber,
  type EventIterator,
  latest,
  trimHorizon,
} from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { readPage } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const pages: readonly [string, EventIterator, readonly number[], EventIterator][] = [
  ['trimHorizon()', trimHorizon(), span(1, 5), afterSequenceNumber(5)],
  ['atSequenceNumber(0)', atSequenceNumber(0), span(1, 5), afterSequenceNumber(5)],
  ['atSequenceNumber(1)', atSequenceNumber(1), span(1, 5), afterSequenceNumber(5)],
  ['atSequenceNumber(5)', atSequenceNumber(5), [5], afterSequenceNumber(5)],
  ['afterSequenceNumber(0)', afterSequenceNumber(0), span(1, 5), afterSequenceNumber(5)],
  ['afterSequenceNumber(4)', afterSequenceNumber(4), [5], afterSequenceNumber(5)],
];

const emptyPages: readonly [string, EventIterator, EventIterator][] = [
  ['latest()', latest(), afterSequenceNumber(5)],
  ['afterSequenceNumber(5), the latest', afterSequenceNumber(5), afterSequenceNumber(5)],
  ['atSequenceNumber(6), the next number', atSequenceNumber(6), atSequenceNumber(6)],
  ['atSequenceNumber(900), a far later number', atSequenceNumber(900), atSequenceNumber(900)],
  ['afterSequenceNumber(900), a far later number', afterSequenceNumber(900), afterSequenceNumber(900)],
];

const pagesOfEmptyLog: readonly [string, EventIterator, EventIterator][] = [
  ['trimHorizon()', trimHorizon(), afterSequenceNumber(0)],
  ['latest()', latest(), afterSequenceNumber(0)],
  ['atSequenceNumber(0)', atSequenceNumber(0), atSequenceNumber(0)],
  ['atSequenceNumber(1)', atSequenceNumber(1), atSequenceNumber(1)],
  ['afterSequenceNumber(0)', afterSequenceNumber(0), afterSequenceNumber(0)],
];

export const describeResolving = ({ describe, expect, test, open }: StoreSuite) =>
  describe('the nextEventIterator of a page', () => {
    const pagesAfterWait = async (count: number, iterator: EventIterator) => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler, longPollingTimeout: 100 });
      await store.storeEvents(span(1, count).map(created));
      const page = note(store.getEvents({ iterator }));
      await Promise.race([scheduler.waiting(1), page.ended]);
      scheduler.advanceBy(100);
      await page.ended;
      return page.values;
    };

    test.each(pages)(
      'nextEventIterator is the position after the last event of a page that was read from %s',
      async (_name, iterator, expected, next) => {
        const store = await open();
        await store.storeEvents(span(1, 5).map(created));

        const page = await readPage(store, iterator);

        expect(seqNums(page.events)).toEqual(expected);
        expect(page.nextEventIterator).toEqual(next);
      },
    );

    test.each(emptyPages)(
      'nextEventIterator is the start position of the read if a long poll from %s finds no event',
      async (_name, iterator, next) => {
        expect(await pagesAfterWait(5, iterator)).toEqual([{ events: [], nextEventIterator: next }]);
      },
    );

    test.each(pagesOfEmptyLog)(
      'nextEventIterator is the start position of the read if a long poll from %s finds an empty log',
      async (_name, iterator, next) => {
        expect(await pagesAfterWait(0, iterator)).toEqual([{ events: [], nextEventIterator: next }]);
      },
    );

    test('nextEventIterator of an empty page from latest() leads to the events that are appended after that page', async () => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler, longPollingTimeout: 100 });
      await store.storeEvent(created(1));
      const first = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advanceBy(100);

      await store.storeEvent(created(2));
      const next = first.values[0]?.nextEventIterator as EventIterator;

      expect(seqNums((await readPage(store, next)).events)).toEqual([2]);
    });
  });
