import { createManager, type Event, type SerializedError } from 'rx-watcher';
import type { InspectorOptions } from 'rx-watcher/inspector';
import { createMemoryStore } from 'rx-watcher/memory';
import { asyncScheduler, firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silent } from '../support/silent-logger.ts';
import { undecodableStore } from '../support/watcher/log-stores.ts';
import { type Client, inspect, type Json } from './inspect.ts';

const SECRET = 'card 4111';

/** Resources that show parts of events or errors. */
const RESOURCES = [
  'api/watchers',
  'api/events',
  'api/events/1',
  'api/dead-letters',
  'api/dead-letters/w/1',
  'api/overview',
  'api/leases',
];

/**
 * Creates a watcher with a handler that fails. Every field of the event contains the secret, and the error contains fields
 * of the event.
 */
async function failing(options: Omit<InspectorOptions, 'store' | 'manager'>) {
  const store = createMemoryStore({ logger: silent });
  const manager = createManager(store);
  onTestFinished(() => manager.stop());
  const watcher = manager.create('w', {
    handler: () => {
      throw Object.assign(new TypeError(`bad ${SECRET}`, { cause: new Error(SECRET) }), { code: 'E_CARD' });
    },
    retryStrategy: 'deadLetter',
    maxRetries: 0,
    autoStart: true,
  });
  await store.storeEvent({
    operation: 'CREATE',
    objectType: 'Job',
    object: { SECRET },
    key: SECRET,
    id: SECRET,
    metadata: { user: SECRET },
  });
  await firstValueFrom(watcher.whenProcessed(1));
  return { store, client: inspect({ store, manager, readOnly: false, ...options }) };
}

/** Returns the texts of all resources, of streams and of a redrive. */
async function shownBy(client: Client): Promise<string> {
  const texts = await Promise.all(RESOURCES.map(async (path) => (await client.fetch(path)).text()));
  const live = await client.stream('api/live');
  const follow = await client.stream('api/events/follow?from=1');
  const events = [
    await live.nextNamed('overview'),
    await live.nextNamed('watchers'),
    await follow.nextNamed('event'),
  ];
  const redrive = await client.post('api/dead-letters/w/all/redrive');
  return [...texts, JSON.stringify(events), JSON.stringify(redrive.body)].join('\n');
}

describe('redact', () => {
  it('an inspector without the option redact shows the contents of events and errors', async () => {
    const { client } = await failing({});
    const shown = await shownBy(client);
    // The secret occurs in previews, objects, keys, ids, metadata and errors of the event and of its dead letter.
    expect(shown.split(SECRET).length).toBeGreaterThan(15);
  });

  it.each<[string, InspectorOptions['redact']]>([
    ['undefined', () => undefined],
    ['an event without its contents', () => ({ object: null })],
    [
      'a thrown error',
      ({ object }) => {
        throw new Error(JSON.stringify(object));
      },
    ],
    ['a Promise', ((event: Event) => Promise.resolve(event)) as unknown as InspectorOptions['redact']],
    ['a text', ((event: Event) => JSON.stringify(event)) as unknown as InspectorOptions['redact']],
  ])(
    'redact with the result %s hides the contents of events and errors in all resources',
    async (_result, redact) => {
      const { client } = await failing({ redact });
      const shown = await shownBy(client);
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain('4111');
      expect(shown).toContain('E_CARD');
    },
  );

  it('redact replaces the object, the key, the id and the metadata, and no other field', async () => {
    const redact = (): Event => ({
      seqNum: 9,
      timestamp: new Date(0),
      operation: 'DELETE',
      objectType: 'Other',
      object: { hidden: true },
      key: 'a key',
      id: 'an id',
      metadata: { user: '…' },
    });
    const { client } = await failing({ redact });
    const { body } = await client.get('api/events/1');
    expect(body).toMatchObject({
      seqNum: 1,
      operation: 'CREATE',
      objectType: 'Job',
      object: { hidden: true },
      size: 15,
      key: 'a key',
      id: 'an id',
      metadata: { user: '…' },
    });
    expect(new Date(body.timestamp).getTime()).toBeGreaterThan(0);
    const letter = await client.get('api/dead-letters/w/1');
    expect(letter.body).toMatchObject({
      key: 'a key',
      event: { object: { hidden: true }, metadata: { user: '…' } },
    });
    const overview = await client.get('api/overview');
    expect(overview.body.redacted).toBe(true);
  });

  it('redact that returns undefined leaves an event with the problem "hidden"', async () => {
    const { client } = await failing({ redact: () => undefined });
    const timestamp = expect.any(String);
    const event = { seqNum: 1, timestamp, operation: 'CREATE', objectType: 'Job', problem: 'hidden' };
    expect((await client.get('api/events')).body.events).toEqual([event]);
    expect((await client.get('api/events/1')).body).toEqual(event);
  });

  it('an event for which redact returns only a key is shown with this key and the problem "hidden"', async () => {
    const { client } = await failing({ redact: () => ({ object: undefined, key: 'a key' }) });
    const event = { seqNum: 1, key: 'a key', problem: 'hidden' };
    expect((await client.get('api/events')).body.events).toMatchObject([event]);
    expect((await client.get('api/events/1')).body).toMatchObject(event);
  });

  it('an error that redact throws is reported once to the logger, without its message', async () => {
    const error = vi.fn();
    const store = createMemoryStore({ logger: { ...silent, error } });
    const request = { operation: 'CREATE', objectType: 'Job', object: { SECRET } } as const;
    await store.storeEvents([request, request]);
    const client = inspect({
      store,
      redact: ({ object }) => {
        throw new Error(JSON.stringify(object));
      },
    });
    await client.get('api/events');
    await client.get('api/events');
    expect(error.mock.calls).toEqual([
      [
        'option redact of the inspector must not throw or return a Promise; event 1 and further ones are hidden',
      ],
    ]);
  });

  it('redact also receives an event with an object that cannot be decoded', async () => {
    const store = undecodableStore(asyncScheduler, 'Bad');
    const received: Event[] = [];
    const client = inspect({ store, redact: (event) => void received.push(event) });
    const { body } = await client.get('api/events/1');
    expect(received).toMatchObject([{ seqNum: 1, object: undefined }]);
    expect(body).toMatchObject({
      problem: 'hidden',
      error: { name: 'DeserializationError', code: 'ERR_DESERIALIZATION', hidden: true },
    });
    expect(body.error).not.toHaveProperty('message');
  });
});

describe('redactError', () => {
  const errorsOf = async (client: Client): Promise<Json> => {
    const [watchers, letters, letter] = await Promise.all(
      ['api/watchers', 'api/dead-letters', 'api/dead-letters/w/1'].map((path) => client.get(path)),
    );
    return {
      last: watchers?.body.watchers[0].lastError,
      row: letters?.body.deadLetters[0].error,
      causes: letter?.body.errors,
    };
  };

  it('redactError replaces the errors of watchers and dead letters', async () => {
    const sources: unknown[] = [];
    const redactError: InspectorOptions['redactError'] = (error, source) => {
      sources.push(source);
      return { name: error.name, message: error.message.replaceAll(/\d+/g, '*') };
    };
    const { client } = await failing({ redact: () => undefined, redactError });
    const { last, row, causes } = await errorsOf(client);
    expect(row).toEqual({ name: 'TypeError', message: 'bad card *' });
    expect(causes).toEqual([row, { name: 'Error', message: 'card *' }]);
    expect(last.message).toMatch(/: bad card \*$/);
    expect(sources).toContainEqual({ watcherId: 'w', seqNum: 1 });
    expect(sources).toContainEqual({ watcherId: 'w' });
    expect(await shownBy(client)).not.toContain('4111');
  });

  it.each<[string, InspectorOptions['redactError']]>([
    ['returns undefined', () => undefined],
    [
      'throws',
      ({ message }) => {
        throw new Error(message);
      },
    ],
    [
      'returns a Promise',
      (async (error: SerializedError) => error) as unknown as InspectorOptions['redactError'],
    ],
  ])('redactError that %s leaves the name and the code of an error', async (_case, redactError) => {
    const { client } = await failing({ redactError });
    const { row, causes } = await errorsOf(client);
    expect(row).toEqual({ name: 'TypeError', code: 'E_CARD', hidden: true });
    expect(causes).toEqual([row, { name: 'Error', hidden: true }]);
  });

  it('redactError that returns its argument shows errors even if the inspector has the option redact', async () => {
    const { client } = await failing({ redact: () => undefined, redactError: (error) => error });
    const { row, causes } = await errorsOf(client);
    expect(row).toEqual({ name: 'TypeError', message: `bad ${SECRET}`, code: 'E_CARD' });
    expect(causes[0].stack).toContain(SECRET);
  });
});
