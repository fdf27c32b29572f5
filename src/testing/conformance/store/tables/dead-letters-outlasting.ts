import * as E from 'fp-ts/lib/Either.js';
import { firstValueFrom } from 'rxjs';
import { DeserializationError, jsonSerializer } from '../../../../index.ts';
import { deadLetter, deadLettersOf } from '../../support/dead-letters.ts';
import { readAll } from '../../support/read-all.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const json = jsonSerializer();

export const describeOutlastingDeadLetters = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the copy of the event in a dead letter', () => {
    test('the copy of an event in a dead letter remains after garbage collection has deleted the event from the log', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      const events = await store.storeEvents(span(1, 5).map(created));
      await store.storeDeadLetter(deadLetter(3), 5);
      time.advanceBy(2000);

      expect(await store.collectGarbage()).toMatchObject({ deleted: 5 });

      expect(await readAll(store)).toEqual([]);
      expect(await deadLettersOf(store)).toStrictEqual([{ ...deadLetter(3), event: events[2] }]);
    });

    test('a replaced dead letter keeps the copy of its event, even if a hard limit has deleted the event', async () => {
      const store = await open({ scheduler: new VirtualClock(), retention: { maxEvents: 1 }, cacheSize: 0 });
      const events = await store.storeEvents(span(1, 5).map(created));
      await store.storeDeadLetter(deadLetter(3));
      expect(await store.collectGarbage()).toMatchObject({ deleted: 4 });

      await store.storeDeadLetter(deadLetter(3, { attempts: 4 }));

      expect(await deadLettersOf(store)).toStrictEqual([
        { ...deadLetter(3, { attempts: 4 }), event: events[2] },
      ]);
    });

    test('the copy of an event is deleted together with its dead letter, and garbage collection can then delete the event', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeDeadLetter(deadLetter(1), 5);
      await store.deleteDeadLetter('w', 1);
      time.advanceBy(2000);

      expect(await store.collectGarbage()).toMatchObject({ deleted: 5 });
      expect(await deadLettersOf(store)).toEqual([]);
    });

    test('the copy of an event is missing in a dead letter only while the event cannot be decoded', async () => {
      let isUndecodable = false;
      const store = await open({
        cacheSize: 0,
        serializer: {
          ...json,
          decode: (bytes, type) =>
            isUndecodable
              ? E.left(new DeserializationError([{ path: '', message: 'undecodable' }]))
              : json.decode(bytes, type),
        },
      });
      const [event] = await store.storeEvents([created(1)]);

      isUndecodable = true;
      await store.storeDeadLetter(deadLetter(1), 1);
      expect(await deadLettersOf(store)).toStrictEqual([deadLetter(1)]);
      isUndecodable = false;
      expect(await deadLettersOf(store)).toStrictEqual([{ ...deadLetter(1), event }]);
    });

    if (!supports.reopen) return;
    test('the copy of an event remains in its dead letter when the store is reopened', async () => {
      const before = await open();
      const events = await before.storeEvents(span(1, 300).map(created));
      await before.storeDeadLetter(deadLetter(250), 250);
      await before.storeDeadLetter(deadLetter(7, { watcherId: 'v' }));
      await before.storeDeadLetter(deadLetter(8));
      await before.deleteDeadLetter('w', 8);
      await before.close();

      const after = await open();

      expect(await deadLettersOf(after)).toStrictEqual([{ ...deadLetter(250), event: events[249] }]);
      expect(await deadLettersOf(after, 'v')).toMatchObject([{ seqNum: 7, event: events[6] }]);
      expect(await firstValueFrom(after.checkpoints())).toEqual(new Map([['w', 250]]));
    });
  });
