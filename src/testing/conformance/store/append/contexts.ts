import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { type Event, type StoreEventRequest, trimHorizon } from '../../../../index.ts';
import { contexts, contextText } from '../../support/contexts.ts';
import { CountingSerializer } from '../../support/counting-serializer.ts';
import { deadLetter, deadLettersOf } from '../../support/dead-letters.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { created } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Names of the fields of the header of an event without a context. */
const names = ['objectType', 'operation', 'seqNum', 'timestamp'];

const textsOf = (events: readonly Event[]): readonly string[] => events.map(contextText);

/** Requests without and with a context alternately. Each context occurs once. */
const requests: readonly StoreEventRequest[] = contexts.flatMap(([, context], index) => [
  created(index),
  { ...created(index), ...context },
]);
const expected = requests.map(contextText);

export const describeContexts = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the context (key, id and metadata) of an event', () => {
    test.each(contexts)(
      'the context of an event is stored and read unchanged: %s',
      async (_name, context) => {
        const store = await open({ cacheSize: 0 });

        const stored = await store.storeEvent({ ...created(1), ...context });
        const [event] = await readAll(store);

        expect(contextText(stored)).toBe(contextText(context));
        expect(event).toStrictEqual(stored);
        expect(contextText(event as Event)).toBe(contextText(context));
        expect(Object.isFrozen(event?.metadata ?? Object.freeze({}))).toBe(true);
      },
    );

    test.each(contexts)(
      'the context of an event has exactly the fields of the request: %s',
      async (_name, context) => {
        const store = await open({ cacheSize: 0 });
        const expectedNames = ['object', ...names, ...Object.keys(context)].sort();

        const stored = await store.storeEvent({ ...created(1), ...context });
        const [event = {}] = await readAll(store);

        expect(Object.keys(stored).sort()).toEqual(expectedNames);
        expect(Object.keys(event).sort()).toEqual(expectedNames);
      },
    );

    test('the context of an event is stored for each event of a batch', async () => {
      const store = await open();

      const stored = await store.storeEvents(requests);

      expect(textsOf(stored)).toEqual(expected);
      expect(textsOf(await readAll(store))).toEqual(expected);
      expect(textsOf((await readPage(store, trimHorizon())).events)).toEqual(expected);
    });

    test('the context of an event is stored for each of several concurrent appends', async () => {
      const store = await open();

      const stored = await Promise.all(requests.map((request) => store.storeEvent(request)));

      expect(textsOf(stored)).toEqual(expected);
      expect(textsOf(await readAll(store))).toEqual(expected);
    });

    test('the context of an event is part of the event that a live read emits', async () => {
      const store = await open();
      const events = firstValueFrom(store.events(trimHorizon()).pipe(take(requests.length), toArray()));

      await store.storeEvents(requests);

      expect(textsOf(await events)).toEqual(expected);
    });

    test('the context of an event is part of the headers that headers() emits without decoding the object', async () => {
      const serializer = new CountingSerializer();
      const store = await open({ cacheSize: 0, serializer });
      await store.storeEvents(requests);
      const decodedForAppend = serializer.decoded;

      const headers = await lastValueFrom(store.headers(trimHorizon(), { live: false }).pipe(toArray()));

      expect(headers.map(contextText)).toEqual(expected);
      expect(Object.keys(headers[0] ?? {}).sort()).toEqual(names);
      expect(serializer.decoded).toBe(decodedForAppend);
    });

    if (supports.deadLetters) {
      test('the context of an event is part of the event of a dead letter', async () => {
        const store = await open();
        const stored = await store.storeEvents(requests);

        for (const { seqNum } of stored) await store.storeDeadLetter(deadLetter(seqNum));

        const events = (await deadLettersOf(store)).map(({ event }) => event);
        expect(events).toStrictEqual([...stored]);
        expect(textsOf(events as Event[])).toEqual(expected);
      });
    }
    if (supports.importing) {
      test('the context of an event is imported together with its event', async () => {
        const store = await open();
        const events = requests.map((request, index) => ({
          ...request,
          seqNum: index + 7,
          timestamp: new Date(1000),
        }));

        await store.importEvents?.(6, events);

        expect(textsOf(await readAll(store))).toEqual(expected);
      });
    }
    if (supports.reopen) {
      test('the context of an event is read unchanged after the store is reopened', async () => {
        const before = await open();
        await before.storeEvents(requests);
        await before.close();

        expect(textsOf(await readAll(await open()))).toEqual(expected);
      });
    }
  });
