import { type Event, messagePackSerializer } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { asyncScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { undecodableStore } from '../support/watcher/log-stores.ts';
import { inspect } from './inspect.ts';

const isoDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe('GET api/events/N', () => {
  it('GET api/events/N shows an event in full, with its size as JSON in UTF-8', async () => {
    const store = createMemoryStore();
    await store.storeEvent({
      operation: 'UPDATE',
      objectType: 'Job',
      object: { name: 'müller', list: [1, null, { deep: true }] },
      key: 'k',
      id: 'i',
      metadata: { traceparent: '00-1' },
    });
    const { status, body } = await inspect({ store }).get('api/events/1');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        seqNum: 1,
        timestamp: isoDate,
        operation: 'UPDATE',
        objectType: 'Job',
        key: 'k',
        id: 'i',
        metadata: { traceparent: '00-1' },
        size: Buffer.byteLength('{"name":"müller","list":[1,null,{"deep":true}]}'),
        object: { name: 'müller', list: [1, null, { deep: true }] },
      },
    });
  });

  it('GET api/events/N shows bytes as base64 and big integers as text', async () => {
    const store = createMemoryStore({ serializer: messagePackSerializer() });
    await store.storeEvent({
      operation: 'CREATE',
      objectType: 'Job',
      object: { bytes: Uint8Array.of(1, 2, 3) },
    });
    const redact = (event: Event) => ({ ...event, object: [event.object, 2n ** 60n] });
    const { body } = await inspect({ store, redact }).get('api/events/1');
    expect(body.object).toEqual([{ bytes: 'AQID' }, String(2n ** 60n)]);
  });

  it('GET api/events/N shows the context of an event if the redacted object has no form in JSON', async () => {
    const store = createMemoryStore();
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {}, key: 'k' });
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const { status, body } = await inspect({ store, redact: () => ({ object: circular, key: 'k' }) }).get(
      'api/events/1',
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ seqNum: 1, key: 'k', problem: 'undecodable' });
  });

  it('GET api/events/N shows the context and the error of an event with an object that cannot be decoded', async () => {
    const store = undecodableStore(asyncScheduler, 'Bad');
    const { status, body } = await inspect({ store }).get('api/events/1');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        seqNum: 1,
        timestamp: isoDate,
        operation: 'CREATE',
        objectType: 'Bad',
        problem: 'undecodable',
        error: {
          name: 'DeserializationError',
          message: 'cannot read event 1: object: no such thing',
          code: 'ERR_DESERIALIZATION',
        },
      },
    });
  });

  it('GET api/events/N answers with status 404 for an event that does not exist yet', async () => {
    const { status, body } = await inspect({ store: createMemoryStore() }).get('api/events/1');
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 404,
      code: 'ERR_NOT_FOUND',
      detail: 'Event 1 does not exist yet.',
    });
  });

  it('GET api/events/N answers with status 410 and the oldest number for an event that was trimmed', async () => {
    const store = createMemoryStore({ retention: { maxEvents: 1 } });
    const request = { operation: 'CREATE', objectType: 'Job', object: {} } as const;
    await store.storeEvents([request, request, request]);
    await store.collectGarbage();
    const { status, body } = await inspect({ store }).get('api/events/1');
    expect({ status, code: body.code }).toEqual({ status: 410, code: 'ERR_SEQUENCE_TRIMMED' });
    expect(body.detail).toMatch(/the oldest event of the log is 3/);
  });

  it.each(['0', '-1', '1.5', 'x', '01', '9007199254740993'])(
    'GET api/events/N has no resource for the number %s',
    async (number) => {
      const { status } = await inspect({ store: createMemoryStore() }).get(`api/events/${number}`);
      expect(status).toBe(404);
    },
  );
});
