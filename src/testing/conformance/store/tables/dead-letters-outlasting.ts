import * as E from 'fp-ts/lib/Either.js';
import { firstValueFrom } from 'rxjs';
import { DeserializationError, jsonSerializer } from '../../../../index.ts';
import { letter, lettersOf } from '../../support/letters.ts';
import { readAll } from '../../support/read-all.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

const json = jsonSerializer();

/** What a dead letter outlasts: its event in the log, bytes that nobody can read, the close of its store. */
export const describeOutlastingLetters = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a dead letter', () => {
    test('has its event when garbage collection has let go of that', async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      const events = await store.storeEvents(span(1, 5).map(created));
      await store.storeDeadLetter(letter(3), 5);
      time.advance(2000);

      expect(await store.collectGarbage()).toMatchObject({ deleted: 5 });

      expect(await readAll(store)).toEqual([]);
      expect(await lettersOf(store)).toStrictEqual([{ ...letter(3), event: events[2] }]);
    });

    test('has its event when a hard cap has cut that off, and still has it when it is replaced', async () => {
      const store = await open({ scheduler: new VirtualTime(), retention: { maxEvents: 1 }, cacheSize: 0 });
      const events = await store.storeEvents(span(1, 5).map(created));
      await store.storeDeadLetter(letter(3));
      expect(await store.collectGarbage()).toMatchObject({ deleted: 4 });

      await store.storeDeadLetter(letter(3, { attempts: 4 }));

      expect(await lettersOf(store)).toStrictEqual([{ ...letter(3, { attempts: 4 }), event: events[2] }]);
    });

    test('holds nothing up: what it has is a copy', async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeDeadLetter(letter(1), 5);
      await store.deleteDeadLetter('w', 1);
      time.advance(2000);

      expect(await store.collectGarbage()).toMatchObject({ deleted: 5 });
      expect(await lettersOf(store)).toEqual([]);
    });

    test('has no event while that cannot be decoded, and has it as soon as it can', async () => {
      let isLost = false;
      const store = await open({
        cacheSize: 0,
        serializer: {
          ...json,
          decode: (bytes, type) =>
            isLost
              ? E.left(new DeserializationError([{ path: '', message: 'lost' }]))
              : json.decode(bytes, type),
        },
      });
      const [event] = await store.storeEvents([created(1)]);

      isLost = true;
      await store.storeDeadLetter(letter(1), 1);
      expect(await lettersOf(store)).toStrictEqual([letter(1)]);
      isLost = false;
      expect(await lettersOf(store)).toStrictEqual([{ ...letter(1), event }]);
    });

    if (!supports.reopen) return;
    test('is there when the store is opened again', async () => {
      const before = await open();
      const events = await before.storeEvents(span(1, 300).map(created));
      await before.storeDeadLetter(letter(250), 250);
      await before.storeDeadLetter(letter(7, { watcherId: 'v' }));
      await before.storeDeadLetter(letter(8));
      await before.deleteDeadLetter('w', 8);
      await before.close();

      const after = await open();

      expect(await lettersOf(after)).toStrictEqual([{ ...letter(250), event: events[249] }]);
      expect(await lettersOf(after, 'v')).toMatchObject([{ seqNum: 7, event: events[6] }]);
      expect(await firstValueFrom(after.checkpoints())).toEqual(new Map([['w', 250]]));
    });
  });
